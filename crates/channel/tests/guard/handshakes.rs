//! Handshakes: what becomes a WebSocket and what does not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{GuardServer, handshake};
use crate::support::TOKEN;

#[tokio::test]
async fn a_handshake_is_answered_as_the_rfc_shows() {
    let server = GuardServer::start().await;
    let answer = server.upgrade(&format!("/ws/{TOKEN}"), "").await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("connection"), Some("Upgrade"));
    assert_eq!(
        answer.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(answer.header("sec-websocket-protocol"), None);
}

#[tokio::test]
async fn the_protocol_is_selected_and_the_token_is_never_sent_back() {
    let server = GuardServer::start().await;
    for (offer, selected, v1) in [
        (
            format!("loopwire.v1, bearer.{TOKEN}"),
            Some("loopwire.v1"),
            true,
        ),
        (
            format!("bearer.{TOKEN},loopwire.v1"),
            Some("loopwire.v1"),
            true,
        ),
        (format!("chat, bearer.{TOKEN}"), None, false),
        (format!("loopwire.v10, bearer.{TOKEN}"), None, false),
    ] {
        let answer = server
            .upgrade("/ws", &format!("Sec-WebSocket-Protocol: {offer}\r\n"))
            .await;
        assert_eq!(answer.status, 101, "{offer}");
        assert_eq!(answer.header("sec-websocket-protocol"), selected);
        assert!(
            answer.body().contains(&format!("v1: {v1}")),
            "{}",
            answer.body()
        );
        assert!(!answer.raw.contains(TOKEN));
    }
    let twice = format!(
        "Sec-WebSocket-Protocol: bearer.{TOKEN}\r\nSec-WebSocket-Protocol: loopwire.v1\r\n"
    );
    let answer = server.upgrade("/ws", &twice).await;
    assert_eq!(answer.header("sec-websocket-protocol"), Some("loopwire.v1"));
    // The flag asks for the same without a sub-protocol: none may be selected that was not offered.
    let flag = server.upgrade(&format!("/ws/{TOKEN}?v=1"), "").await;
    assert_eq!(flag.header("sec-websocket-protocol"), None);
    assert!(flag.body().contains("v1: true"));
}

#[tokio::test]
async fn everything_else_is_refused() {
    let server = GuardServer::start().await;
    let good = handshake();
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = "Sec-WebSocket-Version: 13\r\n";
    let with_key = |value: &str| good.replace(key, &format!("Sec-WebSocket-Key: {value}\r\n"));
    let with_version = |lines: &str| good.replace(version, lines);
    let mut table = vec![
        (good.replace(key, ""), 400, "BAD_KEY"),
        (good.replace(key, &key.repeat(2)), 400, "BAD_KEY"),
        (with_version(""), 426, "UPGRADE_REQUIRED"),
        (with_version(&version.repeat(2)), 426, "UPGRADE_REQUIRED"),
        (
            good.replace("Upgrade: WebSocket\r\n", ""),
            426,
            "UPGRADE_REQUIRED",
        ),
        (
            good.replace("WebSocket\r\n", "h2c\r\n"),
            426,
            "UPGRADE_REQUIRED",
        ),
        (
            good.replace("keep-alive, Upgrade", "keep-alive"),
            426,
            "UPGRADE_REQUIRED",
        ),
        (
            good.replace("keep-alive, Upgrade", "upgraded"),
            426,
            "UPGRADE_REQUIRED",
        ),
        (String::new(), 426, "UPGRADE_REQUIRED"),
        (
            format!("{good}Content-Length: 1\r\n\r\nx"),
            400,
            "BAD_REQUEST",
        ),
        (
            format!("{good}Transfer-Encoding: chunked\r\n\r\n0\r\n"),
            400,
            "BAD_REQUEST",
        ),
    ];
    for value in [
        "",
        "short",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZSE=",
        "dGhlIHNhbXBsZSBub25jZSEh",
        "dGhlIHNhbXBsZSBub25jZ!==",
        "dGhlIHNhbXBs ZSBub25jZQ==",
        "_-hlIHNhbXBsZSBub25jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
    ] {
        table.push((with_key(value), 400, "BAD_KEY"));
    }
    for value in ["12", "14", "8", "013", "13, 8", "", "thirteen"] {
        table.push((
            with_version(&format!("Sec-WebSocket-Version: {value}\r\n")),
            426,
            "UPGRADE_REQUIRED",
        ));
    }
    for (headers, status, code) in table {
        let answer = server.ask("GET", &format!("/ws/{TOKEN}"), &headers).await;
        assert_eq!(answer.status, status, "{headers}{}", answer.raw);
        assert_eq!(answer.refusal().0, code, "{headers}");
        let version = (status == 426).then_some("13");
        assert_eq!(answer.header("sec-websocket-version"), version, "{headers}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let answer = server.ask(method, &format!("/ws/{TOKEN}"), &good).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
    }
    let old = format!(
        "GET /ws/{TOKEN} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n{good}\r\n",
        server.port
    );
    assert_eq!(server.send(&old).await.status, 400);
}

#[tokio::test]
async fn keys_with_unused_bits_are_accepted() {
    let server = GuardServer::start().await;
    // 22 characters and padding, with bits left over that an encoder would have cleared.
    let careless = handshake().replace("b25jZQ==", "b25jZR==");
    let answer = server.ask("GET", &format!("/ws/{TOKEN}"), &careless).await;
    assert_eq!(answer.status, 101, "{}", answer.raw);
}

#[tokio::test]
async fn the_socket_is_taken_with_the_bytes_after_the_handshake() {
    let server = GuardServer::start().await;
    let mut stream = server.connect().await;
    let head = format!(
        "GET /ws/{TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\nearly bytes",
        server.port,
        handshake()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(
        said.starts_with("HTTP/1.1 101 ") && said.ends_with("early bytes"),
        "{said}"
    );
}
