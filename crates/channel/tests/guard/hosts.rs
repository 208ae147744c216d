//! Hosts: a listener answers to its own names only.

use std::net::IpAddr;

use loopwire_channel::{Hosts, Reason, RequestLimits};

use crate::server::GuardServer;

#[tokio::test]
async fn loopback_names_with_the_port_are_admitted() {
    let server = GuardServer::start().await;
    let port = server.port;
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("LocalHost:{port}"),
        format!("[::1]:{port}"),
    ] {
        let answer = server
            .send(&format!("GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .await;
        assert_eq!(answer.status, 200, "{host}");
        let answer = server
            .send(&format!(
                "GET http://{host}/health HTTP/1.1\r\nHost: {host}\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 200, "absolute {host}");
    }
    let old = format!("GET /health HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n");
    assert_eq!(server.send(&old).await.status, 200);
}

#[tokio::test]
async fn all_other_hosts_are_refused_on_every_route() {
    let server = GuardServer::start().await;
    let port = server.port;
    let other = if port == 65535 { 1 } else { port + 1 };
    let mut refused: Vec<String> = [
        "",
        ":{p}",
        "127.0.0.1",
        "localhost",
        "[::1]",
        "127.0.0.1:",
        "127.0.0.1:{o}",
        "localhost:{o}",
        "localhost.:{p}",
        "127.0.0.1.:{p}",
        "0.0.0.0:{p}",
        "[::]:{p}",
        "0:{p}",
        "2130706433:{p}",
        "0x7f000001:{p}",
        "0177.0.0.1:{p}",
        "127.1:{p}",
        "127.0.0.2:{p}",
        "[0:0:0:0:0:0:0:1]:{p}",
        "[::ffff:127.0.0.1]:{p}",
        "::1:{p}",
        "user@127.0.0.1:{p}",
        "127.0.0.1:{p}@evil.com",
        "evil.com:{p}",
        "evil.com",
        "127.0.0.1:{p}.evil.com",
        "localhost.evil.com:{p}",
        "127.0.0.1:{p}, evil.com",
        "127.0.0.1:{p},127.0.0.1:{p}",
        "127.0.0.1:0{p}",
        "127.0.0.1:{p}/",
        "http://127.0.0.1:{p}",
        "*",
        "null",
        "127.0.0.1:{p}#",
        "localhost\u{e9}:{p}",
        "127.0.0.1 :{p}",
    ]
    .iter()
    .map(|host| format!("Host: {host}\r\n"))
    .collect();
    refused.extend([
        String::new(),
        "Host: 127.0.0.1:{p}\r\nHost: 127.0.0.1:{p}\r\n".into(),
        "Host: 127.0.0.1:{p}\r\nHost: evil.com\r\n".into(),
        "Host: evil.com\r\nHost: 127.0.0.1:{p}\r\n".into(),
    ]);
    assert!(refused.len() >= 25);
    let before = server.policy.counters.refused(Reason::Host);
    let mut asked = 0;
    for host in refused {
        let host = host
            .replace("{p}", &port.to_string())
            .replace("{o}", &other.to_string());
        for target in ["/health", "/ws/token", "/no/such/route"] {
            let answer = server
                .send(&format!("GET {target} HTTP/1.1\r\n{host}\r\n"))
                .await;
            assert_eq!(answer.status, 403, "{host:?}: {}", answer.raw);
            assert_eq!(answer.refusal().0, "HOST_REFUSED");
            asked += 1;
        }
    }
    assert_eq!(server.policy.counters.refused(Reason::Host) - before, asked);
    let old = server.send("GET /health HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.status, 403);
}

#[tokio::test]
async fn an_absolute_target_must_have_the_same_host() {
    let server = GuardServer::start().await;
    let port = server.port;
    for authority in [
        "evil.com".to_owned(),
        format!("evil.com:{port}"),
        format!("localhost:{port}"),
        format!("user@127.0.0.1:{port}"),
        "127.0.0.1".into(),
    ] {
        let answer = server
            .send(&format!(
                "GET http://{authority}/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 403, "{authority}");
    }
    let tunnel = format!("CONNECT evil.com:443 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert_eq!(server.send(&tunnel).await.status, 403);
}

#[test]
fn the_default_port_may_be_omitted() {
    let http = Hosts::loopback(80, false);
    assert!(http.admits("localhost") && http.admits("localhost:80") && http.admits("[::1]"));
    let https = Hosts::loopback(443, true);
    assert!(https.admits("127.0.0.1") && https.admits("127.0.0.1:443"));
    assert!(!Hosts::loopback(443, false).admits("127.0.0.1"));
    assert!(!Hosts::loopback(80, true).admits("127.0.0.1"));
}

#[test]
fn entries_and_addresses_extend_the_list() {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let hosts = Hosts::loopback(8080, false)
        .with_address(address("192.168.1.5"))
        .with_address(address("fe80::1"))
        .with_address(address("0.0.0.0"))
        .with_address(address("::"))
        .with_entry("My-Host.local")
        .and_then(|hosts| hosts.with_entry("proxy.example:9000"))
        .and_then(|hosts| hosts.with_entry("plain.example:80"))
        .and_then(|hosts| hosts.with_entry("*.Wild.example"))
        .and_then(|hosts| hosts.with_entry("*.wild.example:9000"))
        .and_then(|hosts| hosts.with_entry("*.plain.example:80"))
        .and_then(|hosts| hosts.with_entry("*.localhost"))
        .and_then(|hosts| hosts.with_entry("[fd00::2]"))
        .and_then(|hosts| hosts.with_entry("[fd00::3]:7"))
        .unwrap();
    for host in [
        "192.168.1.5:8080",
        "[fe80::1]:8080",
        "my-host.LOCAL:8080",
        "proxy.example:9000",
        "plain.example",
        "plain.example:80",
        "a.wild.example:8080",
        "A-1_b.WILD.example:8080",
        "xn--caf-dma.wild.example:8080",
        "a.wild.example:9000",
        "a.plain.example",
        "a.plain.example:80",
        "app.localhost:8080",
        "[fd00::2]:8080",
        "[fd00::3]:7",
        "localhost:8080",
    ] {
        assert!(hosts.admits(host), "{host}");
    }
    for host in [
        "0.0.0.0:8080",
        "[::]:8080",
        "my-host.local",
        "proxy.example:8080",
        "proxy.example",
        "wild.example:8080",
        ".wild.example:8080",
        "a.b.wild.example:8080",
        "*.wild.example:8080",
        "a*.wild.example:8080",
        "a.wild.example",
        "a.wild.example:80",
        "a.wild.example.:8080",
        "a.wild.example:8080.wild.example:8080",
        "evil.com/.wild.example:8080",
        "user@a.wild.example:8080",
        "a wild.example:8080",
        "\u{e9}.wild.example:8080",
        "awild.example:8080",
        "a.plain.example:8080",
        "[fd00::3]:8080",
        "192.168.1.5",
    ] {
        assert!(!hosts.admits(host), "{host}");
    }
    for entry in [
        "",
        "*",
        "*.",
        "*.com",
        "*.*.example.com",
        "a.*.example.com",
        "a*.example.com",
        "*a.example.com",
        "*example.com",
        "*.example.com.",
        "*.1.2.3",
        "*.127.0.0.1",
        "*.[::1]",
        "**.example.com",
        "http://example.com",
        "example.com/",
        "user@example.com",
        "example.com.",
        "a,b",
        "a b",
        "0.0.0.0",
        "[::]",
        "::1",
        "[::1",
        "2130706433",
        "host:0",
        "host:080",
        "host:+80",
        "host:65536",
        "host:",
        "caf\u{e9}.example",
        "127.1",
        "[::1]x",
    ] {
        let error = Hosts::loopback(1, false).with_entry(entry).unwrap_err();
        assert!(error.to_string().starts_with("allowedHosts: "), "{error}");
    }
}

#[tokio::test]
async fn an_allowed_host_reaches_the_listener() {
    let server = GuardServer::with(RequestLimits::default(), |mut policy| {
        policy.hosts = policy.hosts.with_entry("example.test:81").unwrap();
        policy
    })
    .await;
    let answer = server
        .send("GET /health HTTP/1.1\r\nHost: Example.Test:81\r\n\r\n")
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_wildcard_admits_one_label_and_nothing_else() {
    let server = GuardServer::with(RequestLimits::default(), |mut policy| {
        policy.hosts = policy.hosts.with_entry("*.sandbox.example").unwrap();
        policy
    })
    .await;
    let port = server.port;
    for (host, status) in [
        (format!("a.sandbox.example:{port}"), 200),
        (format!("A.Sandbox.Example:{port}"), 200),
        (format!("sandbox.example:{port}"), 403),
        (format!("a.b.sandbox.example:{port}"), 403),
        (format!("evil.com:{port}"), 403),
        (format!("a.sandbox.example.evil.com:{port}"), 403),
        ("a.sandbox.example".to_owned(), 403),
    ] {
        let answer = server
            .send(&format!("GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .await;
        assert_eq!(answer.status, status, "{host}");
    }
}
