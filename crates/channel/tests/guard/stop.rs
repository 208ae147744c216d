//! Stopping and falling over: the port is free at once, and one request's panic is its own affair.

use std::time::Duration;

use loopwire_channel::RequestLimits;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::house::{House, PATIENCE, bearer, closed};
use crate::openers::stay;

#[tokio::test]
async fn stop_frees_the_port_and_drops_what_is_not_upgraded() {
    let never = Duration::from_secs(600);
    let house = House::limited(RequestLimits {
        receive: never,
        request: never,
        ..RequestLimits::default()
    })
    .await;
    let mut opener = house.connect().await;
    opener.write_all(b"GET /hea").await.unwrap();
    let mut waiting = house.connect().await;
    let head = format!(
        "GET /never HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        house.port,
        bearer()
    );
    waiting.write_all(head.as_bytes()).await.unwrap();
    let mut upgraded = stay(&house).await;

    house.stop.cancel();
    timeout(PATIENCE, house.served).await.unwrap().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", house.port)).await.is_err());
    drop(TcpListener::bind(("127.0.0.1", house.port)).await.unwrap());
    assert_eq!(closed(&mut opener).await, "");
    assert_eq!(closed(&mut waiting).await, "");
    // The WebSocket belongs to whoever took its socket.
    upgraded.shutdown().await.unwrap();
    assert!(closed(&mut upgraded).await.ends_with(" bye"));
}

#[tokio::test]
async fn a_panic_closes_its_connection_and_nothing_else() {
    let house = House::open().await;
    for count in 1..=3 {
        assert_eq!(house.ask("GET", "/panic", &bearer()).await.raw, "");
        house
            .until("the panic is heard", |house| {
                house.heard.panics.lock().len() == count
            })
            .await;
        assert_eq!(house.policy.counters.panics(), count as u64);
        assert_eq!(house.ask("GET", "/health", "").await.status, 200);
    }
    assert_eq!(
        house.heard.panics.lock()[0],
        "listener: the handler fell over"
    );
}

#[tokio::test]
async fn one_request_per_connection() {
    let house = House::open().await;
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: keep-alive\r\n\r\n",
        house.port
    );
    let answer = house.send(&head.repeat(2)).await;
    assert_eq!(
        answer.raw.matches("HTTP/1.1 200").count(),
        1,
        "{}",
        answer.raw
    );
    assert_eq!(answer.header("connection"), Some("close"));
}
