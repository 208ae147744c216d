//! Interim answers (1xx): all of them are passed on, and each is a sign of life.

use std::time::{Duration, Instant};

use crate::support::origin::{Origin, Said};
use crate::support::{TestEngine, quick, read_to_end, read_until};
use loopwire_forward::Settings;
use tokio::io::AsyncWriteExt;

const DIRECT: &str = r#"{"id":"up","protocol":"direct"}"#;
const FINAL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const PROCESSING: &str = "HTTP/1.1 102 Processing\r\n\r\n";
const FIRST_BYTE: Duration = Duration::from_secs(1);

async fn both(origin: &Origin, settings: &Settings) -> [TestEngine; 2] {
    [
        TestEngine::forwarding(settings.clone(), origin.entry()).await,
        TestEngine::forwarding(settings.clone(), DIRECT.to_owned()).await,
    ]
}

fn impatient() -> Settings {
    Settings {
        first_byte_timeout: FIRST_BYTE,
        ..quick()
    }
}

async fn ask(setup: &TestEngine, origin: &Origin, version: &str) -> String {
    let mut stream = setup.connect().await;
    let request = format!(
        "GET http://{}/ {version}\r\nHost: x\r\nConnection: close\r\n\r\n",
        origin.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

#[tokio::test]
async fn any_number_of_interim_answers_is_passed_on() {
    let origin = Origin::start().await;
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    origin.says(Said::once([hint.repeat(300), FINAL.to_owned()].concat()));
    for setup in both(&origin, &quick()).await {
        let got = ask(&setup, &origin, "HTTP/1.1").await;
        assert_eq!(got.matches(hint).count(), 300);
        assert!(got.ends_with("\r\n\r\nok"), "{got}");
        let got = ask(&setup, &origin, "HTTP/1.0").await;
        assert!(
            got.starts_with("HTTP/1.1 200 OK\r\n"),
            "HTTP/1.0 has none: {got}"
        );
        assert_eq!(setup.events(), [""; 0]);
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn an_interim_answer_is_a_sign_of_life() {
    let origin = Origin::start().await;
    let mut parts = vec![PROCESSING.as_bytes().to_vec(); 10];
    parts.push(FINAL.into());
    origin.says(Said {
        parts,
        pause: FIRST_BYTE / 4,
        closes: false,
    });
    for setup in both(&origin, &impatient()).await {
        let begun = Instant::now();
        let got = ask(&setup, &origin, "HTTP/1.1").await;
        assert!(got.ends_with("\r\n\r\nok"), "{got}");
        assert!(begun.elapsed() >= FIRST_BYTE * 2, "{:?}", begun.elapsed());
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn so_is_each_part_of_a_head() {
    let origin = Origin::start().await;
    origin.says(Said {
        parts: FINAL.as_bytes().chunks(5).map(<[u8]>::to_vec).collect(),
        pause: FIRST_BYTE / 4,
        closes: false,
    });
    for setup in both(&origin, &impatient()).await {
        let begun = Instant::now();
        let got = ask(&setup, &origin, "HTTP/1.1").await;
        assert!(got.ends_with("\r\n\r\nok"), "{got}");
        assert!(
            begun.elapsed() >= FIRST_BYTE * 3 / 2,
            "{:?}",
            begun.elapsed()
        );
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn silence_after_an_interim_answer_ends_with_a_504() {
    let origin = Origin::start().await;
    origin.says(Said::once(PROCESSING));
    for setup in both(&origin, &impatient()).await {
        let begun = Instant::now();
        let got = ask(&setup, &origin, "HTTP/1.1").await;
        assert!(
            got.starts_with(&format!("{PROCESSING}HTTP/1.1 504 ")),
            "{got}"
        );
        assert!(begun.elapsed() >= FIRST_BYTE, "{:?}", begun.elapsed());
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn what_follows_an_interim_answer_can_still_be_refused() {
    let origin = Origin::start().await;
    for (said, reason) in [
        (
            format!("{PROCESSING}HTTP/1.1 000 No\r\n\r\n"),
            "is not valid HTTP\n",
        ),
        // More than a mebibyte of them.
        (
            format!(
                "HTTP/1.1 103 Early Hints\r\nLink: {}\r\n\r\n",
                "x".repeat(10_000)
            )
            .repeat(120),
            "has more than 1 MiB of interim answers\n",
        ),
    ] {
        origin.says(Said::once(said));
        for setup in both(&origin, &quick()).await {
            let got = ask(&setup, &origin, "HTTP/1.1").await;
            assert!(got.contains("\r\n\r\nHTTP/1.1 502 "), "{}", &got[..200]);
            assert!(got.ends_with(reason), "{reason}");
            assert_eq!(setup.config("/is_online"), true);
            setup.engine.shutdown().await;
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_sends_any_body_after_it() {
    let origin = Origin::start().await;
    origin.says(Said {
        parts: vec![b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), FINAL.into()],
        pause: Duration::from_millis(200),
        closes: true,
    });
    for setup in both(&origin, &quick()).await {
        for (framing, body) in [
            ("Content-Length: 5", "hello"),
            ("Content-Length: 0", ""),
            ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
        ] {
            let mut stream = setup.connect().await;
            let request = format!(
                "POST http://{}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n{framing}\r\n\r\n",
                origin.address
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let told = read_until(&mut stream, "\r\n\r\n").await;
            assert_eq!(told, "HTTP/1.1 100 Continue\r\n\r\n", "{framing}");
            stream.write_all(body.as_bytes()).await.unwrap();
            let told = read_until(&mut stream, "ok").await;
            assert!(told.starts_with("HTTP/1.1 200 OK\r\n"), "{framing}: {told}");
        }
        setup.engine.shutdown().await;
    }
}
