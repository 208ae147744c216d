//! Stopping and falling over: the port is free at once, and one request's panic is its own affair.

use std::time::Duration;

use loopwire_channel::RequestLimits;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::server::{GuardServer, bearer, closed};
use crate::slow_clients::stay;
use crate::support::PATIENCE;

#[tokio::test]
async fn stop_frees_the_port_and_drops_what_is_not_upgraded() {
    let never = Duration::from_secs(600);
    let server = GuardServer::with_limits(RequestLimits {
        receive: never,
        request: never,
        ..RequestLimits::default()
    })
    .await;
    let mut opener = server.connect().await;
    opener.write_all(b"GET /hea").await.unwrap();
    let mut waiting = server.connect().await;
    let head = format!(
        "GET /never HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        server.port,
        bearer()
    );
    waiting.write_all(head.as_bytes()).await.unwrap();
    let mut upgraded = stay(&server).await;

    server.stop.cancel();
    timeout(PATIENCE, server.served).await.unwrap().unwrap();
    assert!(
        TcpStream::connect(("127.0.0.1", server.port))
            .await
            .is_err()
    );
    drop(TcpListener::bind(("127.0.0.1", server.port)).await.unwrap());
    assert_eq!(closed(&mut opener).await, "");
    assert_eq!(closed(&mut waiting).await, "");
    // The WebSocket belongs to the task that has taken its socket.
    upgraded.shutdown().await.unwrap();
    assert!(closed(&mut upgraded).await.ends_with(" bye"));
}

#[tokio::test]
async fn a_panic_closes_its_connection_and_nothing_else() {
    let _panic = loopwire_testing::ordered("the handler panicked");
    let server = GuardServer::start().await;
    for count in 1..=3 {
        assert_eq!(server.ask("GET", "/panic", &bearer()).await.raw, "");
        server
            .until("the panic is heard", |server| {
                server.observed.panics.lock().len() == count
            })
            .await;
        assert_eq!(server.policy.counters.panics(), count as u64);
        assert_eq!(server.ask("GET", "/health", "").await.status, 200);
    }
    assert_eq!(
        server.observed.panics.lock()[0],
        "listener: the handler panicked"
    );
}

#[tokio::test]
async fn one_request_per_connection() {
    let server = GuardServer::start().await;
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: keep-alive\r\n\r\n",
        server.port
    );
    let answer = server.send(&head.repeat(2)).await;
    assert_eq!(
        answer.raw.matches("HTTP/1.1 200").count(),
        1,
        "{}",
        answer.raw
    );
    assert_eq!(answer.header("connection"), Some("close"));
}
