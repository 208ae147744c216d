//! How clients begin: what a request means counts, not how it is spelt.

use std::time::Duration;

use crate::support::origin::{Origin, Said};
use crate::support::script::{Script, Then};
use crate::support::upstream::{Kind, Upstream};
use crate::support::{TestEngine, echo, http_server, quick, read_to_end, read_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const DIRECT: &str = r#"{"id":"up","protocol":"direct"}"#;

#[tokio::test]
async fn a_connect_with_an_empty_body_opens_a_tunnel() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let target = echo().await;
    for (framing, status) in [
        ("Content-Length: 0\r\n", 200),
        ("", 200),
        ("Content-Length: 1\r\n", 400),
        ("Content-Length: +0\r\n", 400),
        ("Transfer-Encoding: chunked\r\n", 400),
    ] {
        let mut stream = setup.connect().await;
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{framing}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{framing:?}: {answer}"
        );
        if status == 200 {
            stream.write_all(b"x").await.unwrap();
            assert_eq!(read_until(&mut stream, "x").await, "x");
        }
    }
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn targets_are_taken_as_they_are_meant() {
    let origin = Origin::start().await;
    origin.says(Said::once(OK));
    let host = origin.address;
    let through = TestEngine::forwarding(quick(), origin.entry()).await;
    let direct = TestEngine::forwarding(quick(), DIRECT.to_owned()).await;
    let head = |request: &[u8]| {
        [
            request,
            b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ]
        .concat()
    };
    for (request, absolute, relative) in [
        // An empty port is the default port (RFC 3986, 6.2.3).
        (
            b"GET http://h.test:/a".to_vec(),
            Some(b"GET http://h.test/a".to_vec()),
            None,
        ),
        (
            b"GET http://h.test:?a".to_vec(),
            Some(b"GET http://h.test/?a".to_vec()),
            None,
        ),
        (
            b"GET http://h.test:080/".to_vec(),
            Some(b"GET http://h.test/".to_vec()),
            None,
        ),
        // Without an upgrade this is plain HTTP.
        (
            b"GET ws://h.test/a".to_vec(),
            Some(b"GET http://h.test/a".to_vec()),
            None,
        ),
        (
            b"GET WS://h.test".to_vec(),
            Some(b"GET http://h.test/".to_vec()),
            None,
        ),
        // Bytes of any charset.
        (
            [
                format!("GET http://{host}/").as_bytes(),
                b"caf\xe9?\xff|\"\xc3\xa9",
            ]
            .concat(),
            Some(
                [
                    format!("GET http://{host}/").as_bytes(),
                    b"caf\xe9?\xff|\"\xc3\xa9",
                ]
                .concat(),
            ),
            Some(b"GET /caf\xe9?\xff|\"\xc3\xa9".to_vec()),
        ),
        // RFC 9112, section 3.2.4.
        (
            format!("OPTIONS http://{host}").into_bytes(),
            Some(format!("OPTIONS http://{host}").into_bytes()),
            Some(b"OPTIONS *".to_vec()),
        ),
        (
            format!("OPTIONS http://{host}/").into_bytes(),
            Some(format!("OPTIONS http://{host}/").into_bytes()),
            Some(b"OPTIONS /".to_vec()),
        ),
    ] {
        for (setup, wanted) in [(&through, absolute), (&direct, relative)] {
            let Some(wanted) = wanted else { continue };
            origin.heads();
            let mut stream = setup.connect().await;
            stream.write_all(&head(&request)).await.unwrap();
            let answer = read_to_end(&mut stream).await;
            assert!(
                answer.ends_with("ok"),
                "{}: {answer}",
                request.escape_ascii()
            );
            let heads = origin.heads();
            let line = heads[0].split(|&byte| byte == b'\r').next().unwrap();
            assert_eq!(
                line.escape_ascii().to_string(),
                [&wanted[..], b" HTTP/1.1"]
                    .concat()
                    .escape_ascii()
                    .to_string()
            );
        }
    }
    for refused in [
        "GET wss://h.test/",
        "GET http://h.test:x/",
        "GET http://:/",
        "GET http:///",
        "CONNECT h.test:",
        "GET http://h.test/a b",
    ] {
        let mut stream = through.connect().await;
        stream.write_all(&head(refused.as_bytes())).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{refused}: {answer}");
    }
    through.engine.shutdown().await;
    direct.engine.shutdown().await;
}

#[tokio::test]
async fn a_websocket_url_with_an_upgrade_is_a_websocket() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let script = Script::start(Vec::new(), Then::Waits).await;
    let wanted = format!(
        "GET /a HTTP/1.1\r\nHost: {}\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        script.address
    );
    let switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello";
    script.change(vec![(wanted.len(), switched.into())]);
    let mut stream = setup.connect().await;
    let request = format!(
        "GET ws://{}/a HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n",
        script.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "hello").await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert_eq!(String::from_utf8(script.heard()).unwrap(), wanted);
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn empty_lines_before_a_request_are_skipped() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let website = http_server().await;
    let post = format!("POST http://{website}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    let mut stream = setup.connect().await;
    for empty in ["\r\n", "", "\n", "\r\n\r\n\r\n", ""] {
        // In a packet of its own, and with the next request in one.
        stream.write_all(empty.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        for request in [post.clone(), format!("{empty}{post}")] {
            stream.write_all(request.as_bytes()).await.unwrap();
            let answer = read_until(&mut stream, "|ab|hop=false").await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{empty:?}: {answer}");
        }
    }
    // Only so many.
    let flood = "\r\n".repeat(2_000);
    stream.write_all(flood.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let mut stream = setup.connect().await;
    stream.write_all(flood.as_bytes()).await.unwrap();
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 400 "));
    setup.engine.shutdown().await;
}

/// Not a wait for an event: no answer may come in this time, which is longer than a head may take.
#[tokio::test]
async fn an_empty_line_after_a_post_is_not_half_a_request() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let website = http_server().await;
    let post = format!("POST http://{website}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    let mut stream = setup.connect().await;
    stream
        .write_all(format!("{post}\r\n").as_bytes())
        .await
        .unwrap();
    read_until(&mut stream, "|ab|hop=false").await;
    let quiet = tokio::time::timeout(Duration::from_secs(12), stream.read_u8()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    stream.write_all(post.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "|ab|hop=false").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_later_minor_version_is_http_1_1() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let website = http_server().await;
    for (version, status) in [
        ("HTTP/1.2", 200),
        ("HTTP/1.9", 200),
        ("HTTP/2.0", 400),
        ("HTTP/0.9", 400),
        ("http/1.1", 400),
    ] {
        let mut stream = setup.connect().await;
        let request =
            format!("GET http://{website}/ {version}\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{version}: {answer}"
        );
    }
    setup.engine.shutdown().await;
}
