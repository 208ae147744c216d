//! Routes: none without the guard, and all refusals in one form.

use loopwire_channel::OPEN_ROUTES;

use crate::server::{GUARDED, GuardServer, bearer, handshake};
use crate::support::TOKEN;

#[tokio::test]
async fn every_route_needs_the_token() {
    let server = GuardServer::start().await;
    for (method, target) in GUARDED {
        for headers in [String::new(), handshake()] {
            let answer = server.ask(method, target, &headers).await;
            assert_eq!(answer.status, 401, "{method} {target}");
            assert_eq!(answer.refusal().0, "UNAUTHORIZED");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        assert_eq!(
            server.ask(method, "/health", "").await.status,
            401,
            "{method}"
        );
    }
    for target in [
        "/health/",
        "//health",
        "/Health",
        "/%68ealth",
        "/inspect/x",
        "/ws/",
        "/ws/a/b",
        "*",
    ] {
        assert_eq!(server.ask("GET", target, "").await.status, 401, "{target}");
    }
}

#[tokio::test]
async fn only_the_listed_routes_are_open() {
    let server = GuardServer::start().await;
    let listed: Vec<_> = OPEN_ROUTES
        .iter()
        .map(|(method, path)| (method.as_str(), *path))
        .collect();
    assert_eq!(
        listed,
        [
            ("GET", "/health"),
            ("GET", "/inspect"),
            ("GET", "/inspect/inspector.css"),
            ("GET", "/inspect/inspector.js"),
            ("GET", "/inspect/terminal.js"),
        ]
    );
    for (method, path) in listed {
        let answer = server.ask(method, path, "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
}

/// RFC 9110, section 9.1: where there is a GET, there is a HEAD, with the same head and no body.
#[tokio::test]
async fn head_is_answered_as_get_is() {
    let server = GuardServer::start().await;
    let routes = ["/health", "/inspect", "/ws/connection", "/ws/connections"];
    let more = ["/metrics", "/", "/ws", "/no/such/route"];
    for target in routes.into_iter().chain(more) {
        for headers in [String::new(), bearer()] {
            let get = server.ask("GET", target, &headers).await;
            let head = server.ask("HEAD", target, &headers).await;
            assert_eq!(head.status, get.status, "{target}: {}", head.raw);
            for name in [
                "content-type",
                "content-length",
                "allow",
                "www-authenticate",
            ] {
                assert_eq!(head.header(name), get.header(name), "{target}");
            }
            let body = head.raw.split_once("\r\n\r\n").unwrap().1;
            assert_eq!(body, "", "{target}");
        }
    }
    // It opens no connection.
    let head = server
        .ask("HEAD", &format!("/ws/{TOKEN}"), &handshake())
        .await;
    assert_eq!(head.status, 426, "{}", head.raw);
}

#[tokio::test]
async fn with_the_token_unknown_routes_and_methods_have_different_errors() {
    let server = GuardServer::start().await;
    let missing = server.ask("GET", "/no/such/route", &bearer()).await;
    assert_eq!(
        (missing.status, missing.refusal().0.as_str()),
        (404, "NOT_FOUND")
    );
    let wrong = server.ask("DELETE", "/ws/connect", &bearer()).await;
    assert_eq!(
        (wrong.status, wrong.refusal().0.as_str()),
        (405, "METHOD_NOT_ALLOWED")
    );
    assert_eq!(wrong.header("allow"), Some("POST"));
    let post = server.ask("POST", &format!("/ws/{TOKEN}"), "").await;
    assert_eq!(post.status, 405);
    assert_eq!(post.header("allow"), Some("GET"));
}

#[tokio::test]
async fn management_routes_accept_the_token_only_in_the_header() {
    let server = GuardServer::start().await;
    let protocol = format!("Sec-WebSocket-Protocol: loopwire.v1, bearer.{TOKEN}\r\n");
    for (method, target) in GUARDED.into_iter().skip(3) {
        let query = format!("{target}?token={TOKEN}");
        assert_eq!(server.ask(method, &query, "").await.status, 401, "{query}");
        assert_eq!(
            server.ask(method, target, &protocol).await.status,
            401,
            "{target}"
        );
        let cookie = format!("Cookie: token={TOKEN}\r\n");
        assert_eq!(server.ask(method, target, &cookie).await.status, 401);
        let admitted = server.ask(method, target, &bearer()).await.status;
        assert_ne!(admitted, 401, "{target}");
    }
}

/// The content type of a body that is not there says nothing.
#[tokio::test]
async fn a_get_may_name_a_content_type() {
    let server = GuardServer::start().await;
    let plain = "Content-Type: text/plain\r\n";
    for (method, target, more, status) in [
        ("GET", "/health", "", 200),
        ("HEAD", "/health", "", 200),
        ("GET", "/health", "Content-Length: 0\r\n", 200),
        ("GET", "/health", "Content-Length: 1\r\n", 400),
        ("GET", "/health", "Transfer-Encoding: chunked\r\n", 400),
        ("POST", "/ws/connect", "Content-Length: 0\r\n", 400),
    ] {
        let headers = format!("{}{plain}{more}", bearer());
        let answer = server.ask(method, target, &headers).await;
        assert_eq!(answer.status, status, "{method} {target} {more}");
    }
}

#[tokio::test]
async fn form_posts_of_other_pages_are_refused() {
    let server = GuardServer::start().await;
    let form = |kind: &str, extra: &str, body: &str| {
        format!(
            "Content-Type: {kind}\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let json = format!("{{\"token\":\"{TOKEN}\"}}");
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/plain; application/json",
    ] {
        let post = |extra: &str| {
            format!(
                "POST /ws/disconnect HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}",
                server.port,
                form(kind, extra, &json)
            )
        };
        // What a browser sends for a form of another page, with and without an Origin.
        assert_eq!(
            server
                .send(&post("Origin: http://evil.com\r\n"))
                .await
                .status,
            403
        );
        assert_eq!(server.send(&post("Origin: null\r\n")).await.status, 403);
        assert_eq!(server.send(&post("")).await.status, 401);
        // Even with the token it is not taken for JSON.
        let answer = server.send(&post(&bearer())).await;
        assert_eq!(
            (answer.status, answer.refusal().0.as_str()),
            (400, "BAD_REQUEST")
        );
    }
    let post = format!(
        "POST /ws/disconnect HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}",
        server.port,
        form("Application/JSON; charset=utf-8", &bearer(), &json)
    );
    assert_eq!(server.send(&post).await.status, 200);
    // Images and links: a GET has no side effect, and no token either.
    for target in ["/ws/disconnect", "/ws/connect"] {
        assert_eq!(
            server
                .ask("GET", target, "Sec-Fetch-Site: cross-site\r\n")
                .await
                .status,
            401
        );
    }
}

#[tokio::test]
async fn a_target_with_a_fragment_is_a_bad_request_on_every_route() {
    let server = GuardServer::start().await;
    let port = server.port;
    let open = OPEN_ROUTES
        .iter()
        .map(|(method, path)| (method.as_str(), *path));
    for (method, target) in GUARDED.into_iter().chain(open) {
        for target in [
            format!("{target}#x"),
            format!("{target}#"),
            format!("{target}?token={TOKEN}#x"),
            format!("http://127.0.0.1:{port}{target}#x"),
        ] {
            for headers in [bearer(), handshake() + &bearer()] {
                let answer = server.ask(method, &target, &headers).await;
                assert_eq!(answer.status, 400, "{method} {target}");
                assert_eq!(answer.header("cache-control"), Some("no-store"));
            }
        }
    }
    // The token's own route, as a program might build it from the address of a page.
    let (right, wrong) = (format!("/ws/{TOKEN}#x"), "/ws/wrong#x");
    let right = server.ask("GET", &right, &handshake()).await;
    let wrong = server.ask("GET", wrong, &handshake()).await;
    assert_eq!((right.status, right.body()), (400, wrong.body()));
    // Percent-encoded it is part of the token, and then that is wrong.
    let encoded = format!("/ws/{TOKEN}%23x");
    assert_eq!(server.ask("GET", &encoded, &handshake()).await.status, 401);
    // Elsewhere it has no meaning.
    let answer = server.ask("GET", "/health", "X-Note: #x\r\n").await;
    assert_eq!(answer.status, 200);
}
