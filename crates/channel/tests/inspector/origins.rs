//! The page may use the listener that it comes from, under each name by which that may be called.

use loopwire_channel::ListenerOptions;

use crate::client::{ask_as, bearer, inspected_under};
use crate::support::{TOKEN, TestServer};

fn server(inspector: bool) -> TestServer {
    TestServer::start(
        ListenerOptions {
            inspector,
            allowed_hosts: vec!["my.test".into()],
            ..ListenerOptions::default()
        },
        Vec::new(),
    )
}

fn status(server: &TestServer, host: &str, origin: &str) -> u16 {
    let headers = format!("{}Origin: {origin}\r\n", bearer());
    let answer = ask_as(server.address(), host, "GET /ws/connections", &headers, "");
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(allowed.is_some(), answer.status == 200);
    answer.status
}

#[test]
fn a_page_of_an_allowed_host_is_admitted_where_the_listener_serves_it() {
    let (with, without) = (server(true), server(false));
    let host = |server: &TestServer| format!("my.test:{}", server.address().port());
    let own = |server: &TestServer| format!("http://{}", host(server));
    assert_eq!(status(&with, &host(&with), &own(&with)), 200);
    assert_eq!(status(&without, &host(&without), &own(&without)), 403);
    // By its socket, too.
    let headers = format!(
        "Origin: {}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        own(&with)
    );
    // Without `Connection: Upgrade` it is none, but it has passed the guard.
    let call = format!("GET /ws?token={TOKEN}");
    assert_eq!(
        ask_as(with.address(), &host(&with), &call, &headers, "").status,
        426
    );
}

#[test]
fn every_other_page_is_refused_as_before() {
    let server = server(true);
    let port = server.address().port();
    let host = format!("my.test:{port}");
    for origin in [
        format!("https://my.test:{port}"),
        "http://my.test".to_owned(),
        format!("http://my.test:{}", port ^ 1),
        format!("http://other.test:{port}"),
        format!("http://my.test:{port}/"),
        format!("http://my.test:{port}.evil.example"),
        format!("my.test:{port}"),
        "http://".to_owned(),
        "null".to_owned(),
    ] {
        assert_eq!(status(&server, &host, &origin), 403, "{origin}");
    }
    let twice = format!("http://{host}\r\nOrigin: http://{host}");
    assert_eq!(status(&server, &host, &twice), 403);
    // A foreign host is refused before: that the origin equals it proves nothing.
    let foreign = format!("evil.example:{port}");
    assert_eq!(status(&server, &foreign, &format!("http://{foreign}")), 403);
    // And an allowed host does not admit the page of another one.
    let address = server.address().to_string();
    assert_eq!(status(&server, &address, &format!("http://{host}")), 403);
}

/// A wildcard admits names that others may hold. Theirs can lead elsewhere while their page is loaded, and here afterwards.
#[test]
fn the_names_of_a_wildcard_are_not_the_page_s() {
    let server = inspected_under(&["*.my.test", "listed.my.test"]);
    let host = |name: &str| format!("{name}:{}", server.address().port());
    let page = |name: &str| ask_as(server.address(), &host(name), "GET /inspect", "", "");
    let own = |name: &str| status(&server, &host(name), &format!("http://{}", host(name)));
    assert_eq!(
        (page("listed.my.test").status, own("listed.my.test")),
        (200, 200)
    );
    assert_eq!(
        (page("LISTED.my.test").status, own("another.my.test")),
        (200, 403)
    );
    // It could not connect, and not say why.
    let refused = page("another.my.test");
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &"ORIGIN_REFUSED".into())
    );
    let origin = format!("http://{}", host("another.my.test"));
    for word in [origin.as_str(), "allowedHosts", "allowedOrigins"] {
        assert!(refused.text().contains(word), "{}", refused.text());
    }
    // Programs are no pages.
    assert_eq!(
        ask_as(
            server.address(),
            &host("another.my.test"),
            "GET /health",
            "",
            ""
        )
        .status,
        200
    );
}

/// Behind a proxy, at the default port, so that the origin can be listed before the listener has its port.
#[test]
fn the_names_of_a_wildcard_are_the_page_s_if_their_origins_are_listed() {
    let mut options = ListenerOptions {
        inspector: true,
        allowed_hosts: vec!["*.my.test:80".into()],
        ..ListenerOptions::default()
    };
    options.origins.allowed = vec!["http://*.my.test".into()];
    let server = TestServer::start(options, Vec::new());
    let page = ask_as(server.address(), "a-1.my.test", "GET /inspect", "", "");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.ends_with("; connect-src 'self' ws://a-1.my.test"),
        "{policy}"
    );
    assert_eq!(status(&server, "a-1.my.test", "http://a-1.my.test"), 200);
}
