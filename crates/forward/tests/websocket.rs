//! WebSockets of clients that do not use CONNECT: a request in absolute form with an upgrade.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::time::Duration;

use support::script::{Script, Then};
use support::tls::{Identity, TlsFront};
use support::upstream::{Kind, Upstream};
use support::{TestEngine, entry, http_server, quick, read_until};
use tokio::io::AsyncWriteExt;

const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\n";

fn request(host: std::net::SocketAddr, protocol: &str) -> String {
    format!(
        "GET http://{host}/ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: {protocol}\r\nSec-WebSocket-Key: k\r\n\r\n"
    )
}

#[tokio::test]
async fn a_websocket_goes_through_a_tunnel_of_every_kind_of_upstream() {
    for (protocol, kind) in [
        ("http", Kind::Http),
        ("https", Kind::Http),
        ("socks5", Kind::Socks),
    ] {
        let up = Upstream::start(kind).await;
        let front = TlsFront::before(up.address, Identity::signed("127.0.0.1")).await;
        let entry = match protocol {
            "https" => front.entry(""),
            protocol => entry(protocol, up.address, ""),
        };
        let mut settings = quick();
        settings.first_byte_timeout = Duration::from_secs(5);
        let setup = TestEngine::forwarding(settings, entry).await;
        up.asked();
        let wanted = "GET /ws HTTP/1.1\r\nHost: HOST\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        // The port of the script has up to five digits; the steps count bytes.
        let script = Script::start(Vec::new(), Then::Waits).await;
        let wanted = wanted.replace("HOST", &script.address.to_string());
        script.change(vec![
            (wanted.len(), [SWITCHED, "hello"].concat().into_bytes()),
            (3, b"pong".to_vec()),
        ]);
        let mut stream = setup.connect().await;
        stream
            .write_all(request(script.address, "websocket").as_bytes())
            .await
            .unwrap();
        let answer = read_until(&mut stream, "hello").await;
        assert_eq!(
            answer,
            "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: y\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello"
        );
        assert_eq!(String::from_utf8(script.heard()).unwrap(), wanted);
        assert!(
            up.asked()[0].contains(&script.address.to_string()),
            "a tunnel"
        );
        stream.write_all(b"\x81\x00p").await.unwrap();
        assert_eq!(read_until(&mut stream, "pong").await, "pong");
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn no_other_protocol_and_no_unrequested_upgrade_is_passed_on() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let website = http_server().await;
    for protocol in ["h2c", "websocket, h2c", "TLS/1.0"] {
        let mut stream = setup.connect().await;
        stream
            .write_all(request(website, protocol).as_bytes())
            .await
            .unwrap();
        // Answered as an ordinary request in absolute form, without the upgrade.
        let answer = read_until(&mut stream, "|hop=false").await;
        assert!(
            answer.contains(&format!("GET http://{website}/ws HTTP/1.1|")),
            "{answer}"
        );
    }
    setup.engine.shutdown().await;
    let liar = Script::start(Vec::new(), Then::Waits).await;
    let request = format!("GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n", liar.address);
    liar.change(vec![(20, SWITCHED.into())]);
    let setup =
        TestEngine::forwarding(quick(), r#"{"id":"up","protocol":"direct"}"#.to_owned()).await;
    let mut stream = setup.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = support::read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    setup.engine.shutdown().await;
}
