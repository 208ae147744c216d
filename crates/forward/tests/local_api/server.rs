//! The server itself: its port, its token, its end.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

use crate::support::api::{Api as Provider, Say};
use crate::support::server::{TOKEN, TestServer};
use crate::support::{TestEngine, quick, soon, until};

#[tokio::test]
async fn a_port_in_use_is_reported_by_the_result_and_by_an_event() {
    let setup = TestEngine::new(quick(), &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = setup.engine.start_http_api(port, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let http_error = r#"{"type":"httpError","payload":"HTTP Start error"}"#;
    assert_eq!(setup.events(), [http_error]);
    drop(taken);
    let api = setup.engine.start_http_api(port, None).unwrap();
    assert_eq!(api.local_addr().to_string(), format!("127.0.0.1:{port}"));
    assert!(setup.events().is_empty());
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_closed_server_has_freed_its_port_and_its_requests() {
    let provider = Provider::start(&[Say::Nothing]).await;
    let server = TestServer::open(&[], 1);
    server.setup.engine.set_api_host(&provider.url()).unwrap();
    let address = server.api.local_addr();
    let waiting = tokio::join!(server.get("/api/proxy"), async {
        provider.until(1).await;
        assert!(!server.api.is_stopped());
        soon("close", server.api.close()).await;
        soon("close again", server.api.close()).await;
        assert!(server.api.is_stopped());
    });
    assert_eq!(waiting.0.status, 0, "the request is dropped");
    assert!(TcpStream::connect(address).is_err());
    let again = server.setup.engine.start_http_api(address.port(), None);
    assert_eq!(again.unwrap().local_addr(), address);
    // A dropped server stops by itself.
    until("the port is free", || TcpListener::bind(address).is_ok()).await;
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_token_is_asked_for_on_every_path_if_there_is_one() {
    let server = TestServer::with(&[], 1, Some(TOKEN));
    for route in loopwire_forward::API_ROUTES.iter().map(|route| route.path) {
        assert_eq!(server.get(route).await.status, 401, "{route}");
        let wrong = server.get(&format!("{route}?token={TOKEN}x")).await;
        assert_eq!(wrong.status, 401);
        assert!(!wrong.body.contains(TOKEN));
    }
    assert_eq!(server.get("/no/such/path").await.status, 401);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let shown = server.ask("GET", "/api/port_status", &bearer, "").await;
    assert_eq!(shown.status, 200);
    let shown = server.get(&format!("/api/port_status?token={TOKEN}")).await;
    assert_eq!(shown.status, 200);
    // A token in a JSON body is not accepted.
    let body = format!(r#"{{"token":"{TOKEN}"}}"#);
    assert_eq!(server.post("/api/port_status", &body).await.status, 401);
    server.setup.engine.shutdown().await;
}

/// Refusals of every kind, from the guard to the endpoints: method, target, headers, body, and the status.
fn refused() -> Vec<(&'static str, String, String, String, u16)> {
    let json = "Content-Type: application/json\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let large = " ".repeat(20_000);
    let rows = [
        ("GET", "/api/proxy", "Origin: http://evil.com\r\n", "", 403),
        ("GET", "/api/proxy", "Origin: null\r\n", "", 403),
        ("GET", "/api/proxy", "Origin: \r\n", "", 403),
        (
            "GET",
            "/api/proxy",
            "Referer: http://evil.com/\r\n",
            "",
            403,
        ),
        (
            "GET",
            "/api/proxy",
            "Sec-Fetch-Site: cross-site\r\n",
            "",
            403,
        ),
        (
            "OPTIONS",
            "/api/proxy",
            "Origin: http://evil.com\r\n",
            "",
            403,
        ),
        ("GET", "/api", "", "", 404),
        ("GET", "/api/proxy/", "", "", 404),
        ("POST", "/no/such/path", json, "{}", 404),
        ("PUT", "/api/proxy", "", "", 405),
        ("DELETE", "/api/port_free", "", "", 405),
        ("POST", "/api/openapi.json", "", "", 405),
        ("POST", "/api/proxy", form, "num=1", 400),
        (
            "POST",
            "/api/proxy",
            "Content-Type: text/plain\r\n",
            "{}",
            400,
        ),
        ("POST", "/api/proxy", json, "{", 400),
        ("POST", "/api/proxy", json, "[1]", 400),
        ("POST", "/api/proxy", json, r#"{"num":{}}"#, 400),
        ("POST", "/api/proxy", json, &large, 413),
        ("GET", "/api/proxy?num=0", "", "", 400),
        ("GET", "/api/proxy?num=1&num=2", "", "", 400),
        ("GET", "/api/port_free", "", "", 400),
    ];
    let own = |(method, target, headers, body, status): (&'static str, &str, &str, &str, u16)| {
        (
            method,
            target.to_owned(),
            headers.to_owned(),
            body.to_owned(),
            status,
        )
    };
    rows.into_iter().map(own).collect()
}

#[tokio::test]
async fn every_refusal_has_the_published_form_and_names_no_option_that_there_is_not() {
    let server = TestServer::open(&[], 1);
    let guarded = TestServer::with(&[], 1, Some(TOKEN));
    let mut answers = Vec::new();
    for (method, target, headers, body, status) in refused() {
        for t in ["", "t=2", "t=1"] {
            let mark = if target.contains('?') { '&' } else { '?' };
            let target = if t.is_empty() {
                target.clone()
            } else {
                format!("{target}{mark}{t}")
            };
            let answer = server.ask(method, &target, &headers, &body).await;
            answers.push((format!("{method} {target} {headers}"), status, t, answer));
        }
    }
    for t in ["", "t=2", "t=1"] {
        let target = format!("/api/port_status?{t}");
        let answer = guarded.get(&target).await;
        assert!(
            answer.head.contains("\nwww-authenticate: bearer\r"),
            "{answer:?}"
        );
        answers.push((target.clone(), 401, t, answer));
        let both = format!("{target}&token={TOKEN}x");
        let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
        let answer = guarded.ask("GET", &both, &bearer, "").await;
        answers.push((both, 400, t, answer));
        for host in ["evil.com", "127.0.0.1"] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            answers.push((request.clone(), 403, t, server.send(&request).await));
        }
    }
    for (what, status, t, answer) in answers {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        let message = match t {
            "t=1" => {
                assert_eq!(answer.kind(), "text/plain", "{what}");
                let line = answer.body.strip_prefix("error: ").expect(&what);
                line.strip_suffix('\n').expect(&what).to_owned()
            }
            _ => {
                assert_eq!(answer.kind(), "application/json", "{what}");
                let keys = answer.json();
                assert_eq!(keys.as_object().unwrap().len(), 2, "{what}: {keys}");
                answer.refusal()
            }
        };
        assert!(!message.is_empty() && !message.contains('\n'), "{what}");
        for option in ["allowedHosts", "allowedOrigins", "allowFileOrigin"] {
            assert!(!message.contains(option), "{what}: {message}");
        }
        assert!(
            answer.head.contains("\ncache-control: no-store\r"),
            "{what}"
        );
        assert_eq!(answer.head.contains("\nallow: "), status == 405, "{what}");
        assert_eq!(answer.head.matches("\ncontent-type: ").count(), 1, "{what}");
    }
    for server in [server, guarded] {
        assert!(server.setup.events().is_empty(), "something was done");
        server.setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_status_of_the_provider_becomes_the_published_one_or_502() {
    for (status, expected) in [
        (400, 400),
        (401, 502),
        (402, 402),
        (403, 502),
        (404, 404),
        (406, 406),
        (409, 502),
        (410, 404),
        (418, 502),
        (429, 502),
        (500, 502),
        (503, 502),
    ] {
        let retry = "Retry-After: 100\r\n";
        let provider = Provider::start(&[crate::support::api::answer(status, retry, "")]).await;
        let server = TestServer::open(&[], 1);
        server.setup.engine.set_api_host(&provider.url()).unwrap();
        for target in ["/api/proxy", "/api/today_list"] {
            // A 401 waits for another key; this ends the wait.
            let engine = server.setup.engine.clone();
            let asked = provider.targets().len();
            let (answer, ()) = tokio::join!(server.get(target), async {
                if status == 401 {
                    provider.until(asked + 1).await;
                    // Again until it is heard: the wait begins after the answer was read.
                    for _ in 0..50 {
                        engine.close_token_chan();
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                }
            });
            assert_eq!(
                answer.status, expected,
                "{status} {target}: {}",
                answer.body
            );
            let message = answer.refusal();
            assert!(
                message.starts_with(&format!("status:{status}|message:")),
                "{message}"
            );
        }
        server.setup.engine.shutdown().await;
    }
}
