//! Sizes: heads, paths and bodies that are too large are turned away, what fits is not.

use loopwire_channel::{MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_HEADERS};

use crate::server::{GuardServer, bearer};

#[tokio::test]
async fn too_many_headers() {
    let server = GuardServer::start().await;
    // Host is one more.
    let fits = "X: y\r\n".repeat(MAX_HEADERS - 1);
    assert_eq!(server.ask("GET", "/health", &fits).await.status, 200);
    let flood = "X: y\r\n".repeat(MAX_HEADERS);
    assert_eq!(server.ask("GET", "/health", &flood).await.status, 431);
    let flood = "X: y\r\n".repeat(2000);
    assert_eq!(server.ask("GET", "/health", &flood).await.status, 431);
}

#[tokio::test]
async fn heads_and_paths_that_are_too_long() {
    let server = GuardServer::start().await;
    let header = |length: usize| format!("X: {}\r\n", "y".repeat(length));
    assert_eq!(
        server
            .ask("GET", "/health", &header(MAX_HEAD_BYTES - 1024))
            .await
            .status,
        200
    );
    assert_eq!(
        server
            .ask("GET", "/health", &header(MAX_HEAD_BYTES))
            .await
            .status,
        431
    );
    let path = |length: usize| format!("/ws/{}", "a".repeat(length));
    assert_eq!(
        server
            .ask("GET", &path(MAX_HEAD_BYTES - 1024), "")
            .await
            .status,
        401
    );
    for length in [MAX_HEAD_BYTES, 70_000] {
        let status = server.ask("GET", &path(length), "").await.status;
        assert!(status == 414 || status == 431, "{status}");
    }
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let server = GuardServer::start().await;
    let post = |length: usize| {
        let lines = format!("Content-Length: {length}\r\n{}\r\n", bearer());
        format!(
            "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{lines}",
            server.port
        )
    };
    let whole = |length: usize| post(length) + &"b".repeat(length);
    let answer = server.send(&whole(MAX_BODY_BYTES)).await;
    assert_eq!((answer.status, answer.body().len()), (200, MAX_BODY_BYTES));
    for length in [MAX_BODY_BYTES + 1, 10 * MAX_BODY_BYTES] {
        let answer = server.send(&whole(length)).await;
        assert_eq!(
            (answer.status, answer.refusal().0.as_str()),
            (413, "TOO_LARGE")
        );
    }
    // Announced beyond all reason: refused without waiting for a byte of it.
    assert_eq!(server.send(&post(1 << 40)).await.status, 413);
    // Chunks announce nothing.
    let chunks = |count: usize| {
        let lines = format!("Transfer-Encoding: chunked\r\n{}\r\n", bearer());
        format!(
            "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{lines}",
            server.port
        ) + &format!("400\r\n{}\r\n", "c".repeat(1024)).repeat(count)
            + "0\r\n\r\n"
    };
    assert_eq!(server.send(&chunks(16)).await.status, 200);
    assert_eq!(server.send(&chunks(17)).await.status, 413);
    let broken = chunks(2).replace("400\r\n", "zz\r\n");
    assert_eq!(server.send(&broken).await.status, 400);
}
