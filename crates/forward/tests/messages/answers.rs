//! Answers as servers really write them: what is repaired, what is refused, and that none of it blames the upstream.

use std::time::Duration;

use crate::support::origin::{Origin, Said};
use crate::support::{self, TestEngine, quick, read_to_end, soon, tunnel, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const DIRECT: &str = r#"{"id":"up","protocol":"direct"}"#;

/// A port whose upstream is the origin itself as a proxy, and one without an upstream.
async fn both(origin: &Origin) -> [(TestEngine, &'static str); 2] {
    [
        (
            TestEngine::forwarding(quick(), origin.entry()).await,
            "the answer",
        ),
        (
            TestEngine::forwarding(quick(), DIRECT.to_owned()).await,
            "the target's answer",
        ),
    ]
}

async fn ask(setup: &TestEngine, origin: &Origin, method: &str) -> String {
    let mut stream = setup.connect().await;
    let request = format!(
        "{method} http://{}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        origin.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

/// What the client gets of an answer that the origin leaves open, and one that it closes.
#[tokio::test]
async fn odd_answers_are_repaired() {
    let origin = Origin::start().await;
    let long = "y".repeat(80 << 10);
    let many: String = (0..150).map(|at| format!("X-{at}: {at}\r\n")).collect();
    let setups = both(&origin).await;
    for (said, wanted) in [
        (
            "HTTP/1.1 200 OK\r\nX-Thing : a\r\nContent-Length\t: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX-Thing: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\n\tc\r\nContent-Length:\r\n 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX-Long: a b c\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\n X-Folded: a\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 a\x01b\0c\r\nX: a\x01b\0c\rSet-Cookie: d\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 a\x01b c\r\nX: a\x01b c Set-Cookie: d\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nno colon\r\n: no name\r\nX Y: 1\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\nX: 1\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "\r\n\r\nHTTP/1.1  200\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 \r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2,\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000002\r\nok\r\n00\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 77\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2;x\nok\n0\nTrailer: 1\n\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        (
            "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        ),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
        ),
        (
            &format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 2\r\n\r\nok"),
            &format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 2\r\nConnection: close\r\n\r\nok"),
        ),
        (
            &format!("HTTP/1.1 200 OK\r\nX: {long}\r\nContent-Length: 2\r\n\r\nok"),
            &format!(
                "HTTP/1.1 200 OK\r\nX: {long}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
            ),
        ),
    ] {
        origin.says(Said::once(said));
        for (setup, _) in &setups {
            let got = ask(setup, &origin, "GET").await;
            assert!(got == wanted, "{said:?}: {got:?}");
        }
    }
    // These end with the connection.
    for (said, wanted) in [
        (
            "ICY 200 OK\r\nicy-name: x\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nicy-name: x\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\nok",
        ),
    ] {
        origin.says(Said::once(said).and_closes());
        for (setup, _) in &setups {
            let got = ask(setup, &origin, "GET").await;
            assert_eq!(got, wanted, "{said:?}");
        }
    }
    for (setup, _) in &setups {
        assert_eq!(setup.events(), [""; 0]);
        setup.engine.shutdown().await;
    }
}

/// After an odd answer nothing that follows it on its connection is taken for the next answer.
#[tokio::test]
async fn an_ambiguous_answer_ends_its_connection() {
    let origin = Origin::start().await;
    let smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    for (setup, _) in &both(&origin).await {
        for head in [
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Length: 49\r\n\r\n",
        ] {
            origin.says(Said {
                parts: vec![head.into(), smuggled.into()],
                pause: Duration::from_millis(50),
                closes: false,
            });
            let mut stream = setup.connect().await;
            let request = format!("GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n", origin.address);
            for _ in 0..2 {
                stream.write_all(request.as_bytes()).await.unwrap();
                let end = if head.contains(" 204 ") {
                    "keep-alive\r\n\r\n"
                } else {
                    "\r\n0\r\n\r\n"
                };
                let got = support::read_until(&mut stream, end).await;
                assert!(!got.contains("evil"), "{head:?}: {got:?}");
                // By now the rest has arrived, if anybody still reads it.
                tokio::time::sleep(Duration::from_millis(80)).await;
            }
        }
        setup.engine.shutdown().await;
    }
}

/// Each answer that cannot be passed on, with the end of the text that the client gets.
fn hopeless() -> Vec<(Vec<u8>, &'static str)> {
    let line = "X: y\r\n".repeat(1_001);
    let long = "y".repeat(300 << 10);
    let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}\r\nok").into_bytes();
    vec![
        (head("Content-Length: 2\r\nContent-Length: 3\r\n"), "has an unclear length"),
        (head("Content-Length: 2, 3\r\n"), "has an unclear length"),
        (head("Content-Length: +2\r\n"), "has an unclear length"),
        (head("Content-Length:\r\n"), "has an unclear length"),
        (head("Content-Length: ,\r\n"), "has an unclear length"),
        (head("Transfer-Encoding: chunked, gzip\r\n"), "has an unclear length"),
        (head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "has an unclear length"),
        (head(&line), "has a head of more than 1000 lines or 256 KiB"),
        (head(&format!("X: {long}\r\n")), "has a head of more than 1000 lines or 256 KiB"),
        (b"HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n".into(), "is not valid HTTP"),
        (b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n".into(), "is not valid HTTP"),
        (b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n".into(), "is not valid HTTP"),
        (b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n".into(), "is not valid HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n".into(), "is not valid HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x28".into(), "is not valid HTTP"),
        (b"<html>0.9</html>".into(), "is not valid HTTP"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n".into(),
            "switches to another protocol, which was not asked for",
        ),
        (
            b"HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic realm=\"origin\"\r\nContent-Length: 0\r\n\r\n".into(),
            "asks for the credentials of a proxy (407)",
        ),
    ]
}

#[tokio::test]
async fn an_answer_that_cannot_be_passed_on_is_a_502_and_blames_nobody() {
    let origin = Origin::start().await;
    for (setup, whose) in both(&origin).await {
        setup
            .engine
            .configure(|settings| settings.rotate_on_error = true);
        let bystander = support::echo().await;
        let mut other = match whose {
            "the answer" => None,
            _ => Some(tunnel(&setup, bystander).await),
        };
        for (said, reason) in hopeless() {
            origin.says(Said::once(said.clone()));
            for _ in 0..3 {
                let got = ask(&setup, &origin, "GET").await;
                assert!(got.starts_with("HTTP/1.1 502 "), "{reason}: {got:?}");
                let told = format!("\r\n\r\nLoopwire: {whose} {reason}\n");
                assert!(got.ends_with(&told), "{told}: {got}");
                assert!(!got.contains("Proxy-Authenticate"), "{got}");
            }
        }
        // The checks that this has asked for are over, or change nothing when they end.
        if whose == "the answer" {
            until("a check", || origin.checks() >= 2).await;
        }
        assert_eq!(setup.config("/is_online"), true, "{whose}");
        if let Some(other) = &mut other {
            other.write_all(b"x").await.unwrap();
            assert_eq!(support::read_until(other, "x").await, "x");
        }
        setup.engine.shutdown().await;
        assert_eq!(setup.events(), [setup.state()], "only the removal");
    }
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_checked_and_not_blamed() {
    let origin = Origin::start().await;
    for (setup, whose) in both(&origin).await {
        for said in ["", "HTTP/1.1 200 OK\r\nX: unfini"] {
            origin.says(Said::once(said).and_closes());
            let reason = match whose {
                "the answer" => "the upstream closed the connection",
                _ => "the target closed the connection before it had answered",
            };
            let got = ask(&setup, &origin, "POST").await;
            assert!(got.ends_with(&format!(" {reason}\n")), "{said:?}: {got}");
        }
        let before = origin.checks();
        // One page in a loop: two checks a second at most, and no event.
        let begun = std::time::Instant::now();
        for _ in 0..200 {
            ask(&setup, &origin, "POST").await;
        }
        let most = begun.elapsed().as_secs() * 2 + 3;
        assert!(
            origin.checks() - before <= most,
            "{} checks",
            origin.checks() - before
        );
        setup.engine.shutdown().await;
        assert_eq!(setup.events(), [setup.state()], "only the removal");
    }
}

#[tokio::test]
async fn an_upstream_that_fails_its_check_after_such_an_answer_is_taken_offline() {
    let refused = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
    for (said, connect, reason) in [
        (refused, refused, "upstream refused|status:407"),
        ("", "", "upstream timeout"),
        ("rubbish\r\n\r\n", "rubbish\r\n\r\n", "upstream invalid"),
    ] {
        let origin = Origin::start().await;
        let setup = TestEngine::forwarding(quick(), origin.entry()).await;
        origin.answers_connect(connect);
        setup.hurry();
        origin.says(Said::once(said).and_closes());
        let got = ask(&setup, &origin, "GET").await;
        assert!(got.starts_with("HTTP/1.1 502 "), "{got}");
        let (event, detail) = setup.next(1).await.remove(0);
        assert_eq!(event, setup.state());
        assert!(detail.contains(reason), "{detail}");
        assert!(detail.contains(r#""online":false"#), "{detail}");
        setup.engine.shutdown().await;
    }
}

/// An upstream that needs two seconds for a CONNECT is slow, and not dead.
#[tokio::test]
async fn a_slow_upstream_has_the_time_of_a_handshake_for_such_a_check() {
    let origin = Origin::start().await;
    let setup = TestEngine::forwarding(quick(), origin.entry()).await;
    origin.delays_connect(Duration::from_secs(2));
    let before = origin.checks();
    let begun = std::time::Instant::now();
    let mut closes = false;
    while begun.elapsed() < Duration::from_secs(5) {
        let said = Said::once("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
        origin.says(match closes {
            true => Said::once("").and_closes(),
            false => said,
        });
        closes = !closes;
        ask(&setup, &origin, "GET").await;
    }
    until("a check that is over", || origin.checks() >= before + 2).await;
    assert_eq!(setup.config("/is_online"), true);
    setup.engine.shutdown().await;
    assert_eq!(setup.events(), [setup.state()], "only the removal");
}

/// A client that speaks HTTP/1.0 gets the bare bytes of any framing, and the end of the connection.
#[tokio::test]
async fn a_client_of_http_1_0_gets_every_framing() {
    let origin = Origin::start().await;
    for (setup, _) in &both(&origin).await {
        for (said, wanted) in [
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                Some("ok"),
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Some("ok")),
            // It has no transfer codings that it could undo.
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                None,
            ),
        ] {
            origin.says(Said::once(said));
            let mut stream = setup.connect().await;
            let request = format!("GET http://{}/ HTTP/1.0\r\n\r\n", origin.address);
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut got = Vec::new();
            soon("the end", stream.read_to_end(&mut got)).await.unwrap();
            let got = String::from_utf8(got).unwrap();
            match wanted {
                Some(body) => assert!(got.ends_with(&format!("\r\n\r\n{body}")), "{said:?}: {got}"),
                None => assert!(got.starts_with("HTTP/1.1 502 "), "{said:?}: {got}"),
            }
        }
        setup.engine.shutdown().await;
    }
}
