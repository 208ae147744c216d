//! The timeouts, one by one: what each ends, and what none ends.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::time::{Duration, Instant};

use loopwire_forward::Settings;
use support::script::{Script, Then};
use support::tls::{Identity, TlsFront};
use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, http_server, quick, read_to_end, read_until, tunnel, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const FIRST_BYTE: Duration = Duration::from_secs(2);

fn impatient() -> Settings {
    Settings {
        first_byte_timeout: FIRST_BYTE,
        ..quick()
    }
}

/// Accepts, reads, and never answers.
async fn silent() -> Script {
    Script::start(Vec::new(), Then::Waits).await
}

#[tokio::test]
async fn a_tunnel_without_an_answer_ends_and_is_logged() {
    for tls in [false, true] {
        let up = Upstream::start(Kind::Http).await;
        let front = TlsFront::before(up.address, Identity::signed("127.0.0.1")).await;
        let entry = if tls { front.entry("") } else { up.entry("") };
        let setup = TestEngine::forwarding(impatient(), entry).await;
        setup.engine.enable_debug();
        let target = silent().await;
        let mut stream = tunnel(&setup, target.address).await;
        let begun = Instant::now();
        stream.write_all(b"hello").await.unwrap();
        assert_eq!(read_to_end(&mut stream).await, "");
        assert!(begun.elapsed() >= FIRST_BYTE, "{:?}", begun.elapsed());
        until("streams", || setup.config("/streams") == 0).await;
        let events = setup.events();
        assert!(events[0].contains("no answer in time"), "{events:?}");
        assert_eq!(setup.config("/is_online"), true);
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_tunnel_with_a_silent_client_or_after_an_answer_stays_open() {
    let up = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(impatient(), up.entry("")).await;
    let mut stream = tunnel(&setup, echo().await).await;
    for _ in 0..2 {
        // Not a wait for an event: nothing must happen in this time.
        let quiet = tokio::time::timeout(FIRST_BYTE * 2, stream.read_u8()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        stream.write_all(b"x").await.unwrap();
        assert_eq!(read_until(&mut stream, "x").await, "x");
    }
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_tunnel_with_a_long_upload_stays_open() {
    let up = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(impatient(), up.entry("")).await;
    let target = silent().await;
    let mut stream = tunnel(&setup, target.address).await;
    for _ in 0..8 {
        let quiet = tokio::time::timeout(FIRST_BYTE / 4, stream.read_u8()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        stream.write_all(b"more").await.unwrap();
    }
    assert_eq!(read_to_end(&mut stream).await, "");
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_request_that_is_never_answered_gets_a_504() {
    let target = silent().await;
    for (kind, then, reason) in [
        (Kind::Http, Some(Kind::Silent), "did not answer in time"),
        (Kind::Socks, None, "the target did not answer in time"),
    ] {
        let mut up = Upstream::start(kind).await;
        let setup = TestEngine::forwarding(impatient(), up.entry("")).await;
        if let Some(then) = then {
            up.kill().await;
            up.become_kind(then);
        }
        let mut stream = setup.connect().await;
        let begun = Instant::now();
        let request = format!("GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n", target.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
        assert!(answer.contains(reason), "{answer}");
        assert!(begun.elapsed() >= FIRST_BYTE, "{:?}", begun.elapsed());
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_request_that_takes_long_to_send_gets_its_answer() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(impatient(), up.entry("")).await;
    let website = http_server().await;
    let mut stream = setup.connect().await;
    let request =
        format!("POST http://{website}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    for _ in 0..8 {
        let quiet = tokio::time::timeout(FIRST_BYTE / 4, stream.read_u8()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        stream.write_all(b"x").await.unwrap();
    }
    let answer = read_until(&mut stream, "|hop=false").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("|xxxxxxxx|"), "{answer}");
    setup.engine.shutdown().await;
}
