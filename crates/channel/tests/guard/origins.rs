//! Origins: pages of other origins are refused on every route, and admitted pages get CORS headers.

use loopwire_channel::{Origins, RequestLimits};

use crate::server::{GUARDED, GuardServer, bearer, handshake};
use crate::support::TOKEN;

/// Origins that are not listed.
const STRANGERS: [&str; 30] = [
    "",
    "null",
    "file://",
    "file:///home/user/page.html",
    "http://evil.com",
    "https://evil.com:443",
    "http://localhost.evil.com",
    "http://127.0.0.1.evil.com",
    "http://evil.com/127.0.0.1",
    "http://127.0.0.1:80@evil.com",
    "http://user@localhost",
    "http://LOCALHOST",
    "HTTP://localhost",
    "http://localhost/",
    "http://localhost:",
    "http://localhost:0",
    "http://localhost:080",
    "http://localhost:65536",
    "http://localhost:80:80",
    "http://localhost:+80",
    "http://localhost.",
    "http://127.0.0.2",
    "http://127.1",
    "http://0.0.0.0",
    "http://[::1]evil",
    "http://[::]",
    "http://localhost http://evil.com",
    "app://localhost",
    "chrome-extension://abcdefghijklmnop",
    "ws://localhost",
];

#[tokio::test]
async fn other_origins_are_refused_on_every_route() {
    let server = GuardServer::start().await;
    let open = [("GET", "/health"), ("GET", "/inspect")];
    let mut upgrades = 0;
    for (method, target) in GUARDED.into_iter().chain(open) {
        let target = target.replace("wrong", TOKEN);
        for origin in STRANGERS {
            let headers = format!("Origin: {origin}\r\n{}{}", handshake(), bearer());
            let answer = server.ask(method, &target, &headers).await;
            assert_eq!(answer.status, 403, "{target} {origin:?}: {}", answer.raw);
            assert_eq!(answer.refusal().0, "ORIGIN_REFUSED");
            assert_eq!(answer.header("access-control-allow-origin"), None);
            upgrades += usize::from(answer.status == 101);
        }
        let twice = format!(
            "Origin: http://localhost\r\nOrigin: http://localhost\r\n{}{}",
            handshake(),
            bearer()
        );
        assert_eq!(server.ask(method, &target, &twice).await.status, 403);
    }
    assert_eq!(upgrades, 0);
}

#[tokio::test]
async fn loopback_pages_are_admitted_on_any_port() {
    let server = GuardServer::start().await;
    for origin in [
        "http://localhost",
        "https://localhost",
        "http://127.0.0.1:3000",
        "https://[::1]:65535",
        "http://localhost:1",
    ] {
        let headers = format!("Origin: {origin}\r\n");
        let answer = server.upgrade(&format!("/ws/{TOKEN}"), &headers).await;
        assert_eq!(answer.status, 101, "{origin}");
        assert_eq!(server.ask("GET", "/health", &headers).await.status, 200);
    }
    assert!(server.observed.origins.lock().is_empty());
}

#[tokio::test]
async fn listed_origins_are_compared_exactly() {
    let server = GuardServer::with(RequestLimits::default(), |mut policy| {
        policy.origins = Origins {
            allowed: vec![
                "app://main".into(),
                "https://ui.example".into(),
                String::new(),
            ],
            allow_file: true,
        };
        policy
    })
    .await;
    for (origin, status) in [
        ("app://main", 200),
        ("https://ui.example", 200),
        ("null", 200),
        ("file://", 200),
        ("app://Main", 403),
        ("app://main/", 403),
        ("https://ui.example:443", 403),
        ("https://ui.example.evil.com", 403),
        ("file:///etc/passwd", 403),
        ("", 403),
    ] {
        let headers = format!("Origin: {origin}\r\n");
        let answer = server.ask("GET", "/health", &headers).await;
        assert_eq!(answer.status, status, "{origin:?}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_origin_and_the_option() {
    let server = GuardServer::start().await;
    let long = format!("http://{}.example", "a".repeat(500));
    for (origin, option) in [
        ("http://evil.com", Some("allowedOrigins")),
        ("app://main", Some("allowedOrigins")),
        ("null", Some("allowFileOrigin")),
        ("file://", Some("allowFileOrigin")),
        ("", None),
        ("http://\u{e9}\u{9b}31m.example", None),
        (long.as_str(), Some("allowedOrigins")),
    ] {
        let headers = format!("Origin: {origin}\r\n");
        let (_, error) = server.ask("GET", "/health", &headers).await.refusal();
        assert!(error.len() < 250 && error.is_ascii(), "{error}");
        match option {
            Some(option) => {
                assert!(error.contains(option), "{error}");
                assert!(error.contains(&origin[..origin.len().min(100)]), "{error}");
            }
            None => assert!(!error.contains("option"), "{error}"),
        }
        let (heard, heard_option) = server.observed.origins.lock().pop().unwrap();
        assert_eq!(heard_option, option);
        assert!(error.contains(&heard) && heard.len() <= 131, "{heard}");
    }
}

#[tokio::test]
async fn a_preflight_is_answered_before_the_token() {
    let server = GuardServer::start().await;
    let ask = "Access-Control-Request-Method: POST\r\n\
               Access-Control-Request-Headers: authorization\r\n\
               Access-Control-Request-Private-Network: true\r\n";
    let origin = "http://localhost:3000";
    for (_, target) in GUARDED {
        let headers = format!("Origin: {origin}\r\n{ask}");
        let answer = server.ask("OPTIONS", target, &headers).await;
        assert_eq!(answer.status, 204, "{target}: {}", answer.raw);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(
            answer.header("access-control-allow-methods"),
            Some("GET, POST")
        );
        let allowed = answer.header("access-control-allow-headers").unwrap();
        assert!(allowed.contains("authorization") && allowed.contains("x-notify-type"));
        assert_eq!(
            answer.header("access-control-allow-private-network"),
            Some("true")
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let stranger = format!("Origin: http://evil.com\r\n{ask}");
        assert_eq!(server.ask("OPTIONS", target, &stranger).await.status, 403);
        // Without an Origin, or without what it asks for, it is a request like any other.
        assert_eq!(server.ask("OPTIONS", target, ask).await.status, 401);
        let plain = format!("Origin: {origin}\r\n");
        assert_eq!(server.ask("OPTIONS", target, &plain).await.status, 401);
    }
}

#[tokio::test]
async fn answers_to_admitted_origins_can_be_read_by_them() {
    let server = GuardServer::start().await;
    let origin = "http://localhost:3000";
    for (target, status) in [("/ws/connection", 200), ("/no/such/route", 404)] {
        let headers = format!("Origin: {origin}\r\n{}", bearer());
        let answer = server.ask("GET", target, &headers).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("vary"), Some("Origin"));
        let refused = server
            .ask("GET", target, &format!("Origin: {origin}\r\n"))
            .await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("access-control-allow-origin"), Some(origin));
        let without = server.ask("GET", target, &bearer()).await;
        assert_eq!(without.header("access-control-allow-origin"), None);
        assert_eq!(without.header("vary"), Some("Origin"));
    }
}

#[test]
fn a_wildcard_stands_for_one_label() {
    let allowed = [
        "https://*.sandbox.example",
        "http://*.dev.example:8080",
        "app://*.desk.example",
        "https://*.com",
        "*.bare.example",
        "*",
        "https://*",
    ];
    let origins = Origins {
        allowed: allowed.map(str::to_owned).to_vec(),
        allow_file: false,
    };
    for origin in [
        "https://a.sandbox.example",
        "https://xn--caf-dma.sandbox.example",
        "http://b.dev.example:8080",
        "app://main.desk.example",
    ] {
        assert!(origins.admits(origin), "{origin}");
    }
    for origin in [
        "https://sandbox.example",
        "https://.sandbox.example",
        "https://a.b.sandbox.example",
        "https://a.sandbox.example:8443",
        "http://a.sandbox.example",
        "https://a.sandbox.example.evil.com",
        "https://evil.com/.sandbox.example",
        "https://evil.com#.sandbox.example",
        "https://user@a.sandbox.example",
        "http://b.dev.example",
        "http://b.dev.example:80",
        "https://evil.com",
        "https://a.bare.example",
    ] {
        assert!(!origins.admits(origin), "{origin}");
    }
}
