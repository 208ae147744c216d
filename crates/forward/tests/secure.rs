//! HTTPS upstreams: traffic through them, and which are not trusted.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::net::SocketAddr;

use support::tls::{Identity, TlsFront};
use support::upstream::{Kind, Upstream};
use support::{
    TestEngine, echo, entry, http_server, quick, read_to_end, read_until, socks, socks_name, soon,
    tunnel, until,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const USER: &str = r#""username":"al ice","password":"p:@%ü","#;

async fn secured(kind: Kind, identity: Identity) -> (Upstream, TlsFront) {
    let up = Upstream::with(kind, Some(("al ice", "p:@%ü"))).await;
    let front = TlsFront::before(up.address, identity).await;
    (up, front)
}

/// The event of a request to forward through that entry.
async fn refused(setup: &TestEngine) -> String {
    let request = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    soon("createWithId", request).await.unwrap_err();
    let events = setup.events();
    let mut errors = events
        .into_iter()
        .filter(|event| event.contains("proxyError"));
    errors.next().unwrap()
}

#[tokio::test]
async fn tunnels_and_requests_go_through_tls_with_their_credentials() {
    for identity in [
        Identity::signed("127.0.0.1"),
        Identity::self_signed("127.0.0.1", false),
        Identity::self_signed("127.0.0.1", true),
    ] {
        let (up, front) = secured(Kind::Http, identity).await;
        let setup = TestEngine::forwarding(quick(), front.entry(USER)).await;
        up.asked();
        let echo = echo().await;
        let mut by_connect = tunnel(&setup, echo).await;
        let mut by_socks = setup.connect().await;
        let name = socks_name(b"some.upstream.test", echo.port());
        assert_eq!(socks(&mut by_socks, 1, &name).await, 0);
        assert_eq!(
            up.asked(),
            [
                format!("CONNECT {echo} HTTP/1.1"),
                format!("CONNECT some.upstream.test:{} HTTP/1.1", echo.port())
            ]
        );
        for stream in [&mut by_connect, &mut by_socks] {
            stream.write_all(b"half-close").await.unwrap();
            stream.shutdown().await.unwrap();
            assert_eq!(read_to_end(stream).await, "half-close");
        }
        let website = http_server().await;
        let mut stream = setup.connect().await;
        let connections = front.handshakes();
        for path in ["/a", "/b"] {
            let request = format!("GET http://{website}{path} HTTP/1.1\r\nHost: x\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let end = format!("|{website}||hop=true");
            let answer = read_until(&mut stream, &end).await;
            assert!(
                answer.contains(&format!("GET http://{website}{path} HTTP/1.1|")),
                "{answer}"
            );
        }
        assert_eq!(
            front.handshakes(),
            connections + 1,
            "both requests on one connection"
        );
        drop(stream);
        until("streams", || setup.config("/streams") == 0).await;
        assert_eq!(
            setup.config("/upstream"),
            format!("https://{}", front.address),
        );
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn bulk_data_in_both_directions_arrives_complete_and_is_counted() {
    const SIZE: usize = 4 << 20;
    let (_up, front) = secured(Kind::Http, Identity::signed("127.0.0.1")).await;
    let setup = TestEngine::forwarding(quick(), front.entry(USER)).await;
    let (mut read, mut write) = tunnel(&setup, echo().await).await.into_split();
    let sent: Vec<u8> = (0..SIZE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let copy = sent.clone();
    tokio::spawn(async move {
        write.write_all(&copy).await.unwrap();
        write.shutdown().await.unwrap();
    });
    let mut got = Vec::new();
    soon("bulk", read.read_to_end(&mut got)).await.unwrap();
    assert!(got == sent);
    until("streams", || setup.config("/streams") == 0).await;
    assert_eq!(
        (
            setup.config("/bw/bytes_write"),
            setup.config("/bw/bytes_read")
        ),
        (SIZE.into(), SIZE.into())
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn an_untrusted_upstream_gets_no_credentials_and_the_reason_is_logged() {
    // Another authority with the same name.
    let stranger = Identity::signed("127.0.0.1").ca;
    for (identity, ca, reason) in [
        (Identity::signed("127.0.0.1"), None, "UnknownIssuer"),
        (
            Identity::signed("127.0.0.1"),
            Some(&stranger),
            "BadSignature",
        ),
        (
            Identity::self_signed("127.0.0.1", true),
            Some(&stranger),
            "",
        ),
        (
            Identity::signed("proxy.example"),
            Some(&String::new()),
            "proxy.example",
        ),
        (
            Identity::expired("127.0.0.1"),
            Some(&String::new()),
            "expired",
        ),
    ] {
        let (up, front) = secured(Kind::Http, identity).await;
        let entry = match ca {
            None => entry("https", front.address, USER),
            // Its own authority.
            Some(own) if own.is_empty() => front.entry(USER),
            Some(other) => {
                let ca = serde_json::to_string(other).unwrap();
                entry("https", front.address, &format!(r#"{USER}"ca":{ca},"#))
            }
        };
        let setup = TestEngine::new(quick(), &[entry]);
        setup.engine.enable_debug();
        let request = setup.engine.create_with_id(setup.port, "up", "1", "manual");
        soon("createWithId", request).await.unwrap_err();
        let events = setup.events();
        assert!(
            events.contains(&setup.error("up", "upstream untrusted")),
            "{events:?}"
        );
        assert!(
            events
                .iter()
                .any(|event| event.contains("is not trusted: ") && event.contains(reason)),
            "{events:?}"
        );
        assert_eq!(
            up.seen
                .connections
                .load(std::sync::atomic::Ordering::Relaxed),
            0
        );
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_self_signed_authority_must_also_be_for_the_host() {
    for name in ["proxy.example", "127.0.0.2"] {
        let (_up, front) = secured(Kind::Http, Identity::self_signed(name, true)).await;
        let setup = TestEngine::new(quick(), &[front.entry(USER)]);
        assert_eq!(
            refused(&setup).await,
            setup.error("up", "upstream untrusted")
        );
    }
}

#[tokio::test]
async fn names_are_resolved_and_shown_to_the_server() {
    let (_up, front) = secured(Kind::Http, Identity::signed("localhost")).await;
    let ca = serde_json::to_string(&front.ca).unwrap();
    let entry = format!(
        r#"{{"id":"up","protocol":"https","host":"localhost","port":{},"ca":{ca},{USER}"isp":"x"}}"#,
        front.address.port()
    );
    let setup = TestEngine::forwarding(quick(), entry).await;
    let mut stream = tunnel(&setup, echo().await).await;
    stream.write_all(b"x").await.unwrap();
    assert_eq!(read_until(&mut stream, "x").await, "x");
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn an_upstream_without_tls_is_recognised() {
    for (kind, detail) in [
        (Kind::Rubbish, "upstream invalid"),
        (Kind::Resets, "upstream closed"),
        (Kind::Silent, "upstream timeout"),
    ] {
        let up = Upstream::start(kind).await;
        let setup = TestEngine::new(quick(), &[entry("https", up.address, "")]);
        if kind == Kind::Silent {
            setup.hurry();
        }
        assert_eq!(refused(&setup).await, setup.error("up", detail), "{kind:?}");
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn traffic_detects_a_certificate_that_has_become_invalid() {
    let (_up, front) = secured(Kind::Http, Identity::signed("127.0.0.1")).await;
    let address: SocketAddr = front.address;
    let setup = TestEngine::forwarding(quick(), front.entry(USER)).await;
    drop(front);
    // Another server replaces it; its certificate is not trusted.
    let other = {
        let (_up, front) = secured(Kind::Http, Identity::signed("127.0.0.1")).await;
        let listener = soon("the address", async {
            loop {
                match tokio::net::TcpListener::bind(address).await {
                    Ok(listener) => break listener,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        })
        .await;
        tokio::spawn(async move {
            let _front = &front;
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut onward = tokio::net::TcpStream::connect(front.address).await.unwrap();
                tokio::spawn(async move {
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
                });
            }
        })
    };
    for request in [
        "CONNECT h.test:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://h.test/ HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut stream = setup.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert!(answer.contains("the upstream is not trusted: "), "{answer}");
    }
    let mut stream = setup.connect().await;
    assert_eq!(socks(&mut stream, 1, &socks_name(b"h.test", 1)).await, 1);
    let (event, detail) = setup.next(1).await.remove(0);
    assert_eq!(event, setup.state());
    assert!(
        detail.contains(r#""online":false,"reason":"upstream untrusted""#),
        "{detail}"
    );
    other.abort();
    setup.engine.shutdown().await;
}
