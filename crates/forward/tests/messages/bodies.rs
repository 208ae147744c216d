//! Bodies that end elsewhere than their messages say: answers that come before the request has ended, and answers that
//! are cut off.

use crate::support::origin::{Origin, Said};
use crate::support::{TestEngine, quick, read_to_end, read_until, soon, until};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const DIRECT: &str = r#"{"id":"up","protocol":"direct"}"#;

/// A port whose upstream is the origin itself as a proxy, and one without an upstream.
async fn both(origin: &Origin) -> [TestEngine; 2] {
    [
        TestEngine::forwarding(quick(), origin.entry()).await,
        TestEngine::forwarding(quick(), DIRECT.to_owned()).await,
    ]
}

fn upload(origin: &Origin, length: usize, header: &str) -> String {
    format!(
        "POST http://{}/ HTTP/1.1\r\nHost: x\r\n{header}Content-Length: {length}\r\n\r\n",
        origin.address
    )
}

/// As Node does whose handler answers without reading: the upload goes on, and so does the connection.
#[tokio::test]
async fn an_upload_goes_on_when_the_server_has_answered_and_reads_on() {
    let origin = Origin::start().await;
    let body = format!("{}\r\n\r\n", "x".repeat(100_000));
    for setup in &both(&origin).await {
        origin.says(Said::once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        let mut stream = setup.connect().await;
        let head = upload(&origin, body.len(), "");
        stream.write_all(head.as_bytes()).await.unwrap();
        let got = read_until(&mut stream, "ok").await;
        assert!(got.contains("\r\nConnection: keep-alive\r\n"), "{got}");
        origin.heads();
        stream.write_all(body.as_bytes()).await.unwrap();
        // It takes the body for a head.
        let heads = Mutex::new(Vec::new());
        until("the body", || {
            heads.lock().extend(origin.heads());
            !heads.lock().is_empty()
        })
        .await;
        assert_eq!(heads.into_inner(), [body.as_bytes()]);
        let next = format!("GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n", origin.address);
        stream.write_all(next.as_bytes()).await.unwrap();
        assert!(read_until(&mut stream, "ok").await.contains(" 200 "));
        setup.engine.shutdown().await;
    }
}

/// Then the client is told so, and need not find out.
#[tokio::test]
async fn a_client_is_told_that_its_connection_ends_with_an_answer_before_its_body() {
    let origin = Origin::start().await;
    for setup in &both(&origin).await {
        for (header, said) in [
            (
                "",
                "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
            ),
            ("", "HTTP/1.0 413 No\r\nContent-Length: 2\r\n\r\nno"),
            // It will not send its body, and what it may send is no body.
            (
                "Expect: 100-continue\r\n",
                "HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno",
            ),
        ] {
            origin.says(Said::once(said));
            let mut stream = setup.connect().await;
            let head = upload(&origin, 10, header);
            stream.write_all(head.as_bytes()).await.unwrap();
            let got = read_to_end(&mut stream).await;
            assert!(
                got.ends_with("\r\nConnection: close\r\n\r\nno"),
                "{said:?}: {got}"
            );
        }
        setup.engine.shutdown().await;
    }
}

/// A client that reads slowly gets every byte that came, and sees by the length that some are missing. Where it would
/// not see it, the connection is reset.
#[tokio::test]
async fn an_answer_that_is_cut_off_loses_nothing_of_what_came() {
    const CAME: usize = 8 << 20;
    let origin = Origin::start().await;
    let chunk = format!("{CAME:x}\r\n");
    for setup in &both(&origin).await {
        for (version, framing, start, shows) in [
            ("1.1", "Content-Length: 9000000", "", true),
            ("1.1", "Transfer-Encoding: chunked", chunk.as_str(), true),
            ("1.0", "Content-Length: 9000000", "", true),
            ("1.0", "Transfer-Encoding: chunked", chunk.as_str(), false),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{start}");
            let answer = [head.into_bytes(), vec![b'x'; CAME]].concat();
            origin.says(Said::once(answer).and_closes());
            let mut stream = setup.connect().await;
            let request = format!(
                "GET http://{}/ HTTP/{version}\r\nHost: x\r\n\r\n",
                origin.address
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut got = Vec::new();
            let end = soon("the end", stream.read_to_end(&mut got)).await;
            assert_eq!(end.is_ok(), shows, "{version} {framing}");
            let came = got.iter().filter(|byte| **byte == b'x').count();
            assert!(!shows || came == CAME, "{version} {framing}: {came}");
        }
        setup.engine.shutdown().await;
    }
}
