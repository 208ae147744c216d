//! Endings: the connection or the listener goes before the answer comes.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::CommandServer;
use crate::support::{PATIENCE, TestServer};

#[test]
fn an_answer_after_the_end_of_the_connection_keeps_no_socket_open() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    client.send_text(r#"{"type":"test:keep","data":{"id":1}}"#);
    let kept = server.kept();
    client.0.close(None).unwrap();
    while client.0.read().is_ok() {}
    server.until("it is gone", |server| server.listener.connected() == 0);
    // The kernel resets a client that writes to a closed socket.
    let start = Instant::now();
    let stream = client.0.get_mut();
    while stream.write_all(b"x").is_ok() {
        assert!(start.elapsed() < PATIENCE, "the reply keeps the socket");
        std::thread::sleep(Duration::from_millis(1));
    }
    kept.send(&json!({}));
    assert!(server.open_client().answers_ping());
    assert_eq!(server.published(), "");
}

#[test]
fn a_listener_closes_while_answers_are_outstanding() {
    let mut server = CommandServer::start();
    let mut client = server.open_client();
    client.send_text(r#"{"type":"test:later","data":{"id":1}}"#);
    client.send_text(r#"{"type":"test:keep","data":{"id":2}}"#);
    let kept = server.kept();
    let listener = Arc::clone(&server.listener);
    let runtime = server.runtime.take().unwrap();
    let reader = std::thread::spawn(move || while client.0.read().is_ok() {});
    runtime.block_on(async {
        let closed = tokio::time::timeout(PATIENCE, listener.close()).await;
        assert!(closed.is_ok(), "close() waits for an answer");
    });
    reader.join().unwrap();
    let idle = |_: &TestServer| runtime.metrics().num_alive_tasks() == 0;
    server.until("the work on the answer is given up", idle);
    drop(runtime);
    // Even without a runtime nothing is sent, and nothing panics.
    kept.later(async { Ok(json!({})) });
}
