//! Endings: the connection or the listener goes before the answer comes.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::{House, PATIENCE};

#[test]
fn an_answer_for_one_who_has_gone_is_nothing_and_keeps_no_socket() {
    let house = House::open();
    let mut client = house.visit();
    client.say(r#"{"type":"test:keep","data":{"id":1}}"#);
    let kept = house.kept();
    client.0.close(None).unwrap();
    while client.0.read().is_ok() {}
    house.until("it is gone", |house| house.listener.connected() == 0);
    // The kernel resets who writes to a socket that nobody holds any more.
    let start = Instant::now();
    let stream = client.0.get_mut();
    while stream.write_all(b"x").is_ok() {
        assert!(start.elapsed() < PATIENCE, "the reply keeps the socket");
        std::thread::sleep(Duration::from_millis(1));
    }
    kept.send(&json!({}));
    assert!(house.visit().is_at_ease());
    assert_eq!(house.published(), "");
}

#[test]
fn a_listener_closes_while_answers_are_still_to_come() {
    let mut house = House::open();
    let mut client = house.visit();
    client.say(r#"{"type":"test:later","data":{"id":1}}"#);
    client.say(r#"{"type":"test:keep","data":{"id":2}}"#);
    let kept = house.kept();
    let listener = Arc::clone(&house.listener);
    let runtime = house.runtime.take().unwrap();
    let reader = std::thread::spawn(move || while client.0.read().is_ok() {});
    runtime.block_on(async {
        let closed = tokio::time::timeout(PATIENCE, listener.close()).await;
        assert!(closed.is_ok(), "close() waits for an answer");
    });
    reader.join().unwrap();
    let idle = |_: &House| runtime.metrics().num_alive_tasks() == 0;
    house.until("the work on the answer is given up", idle);
    drop(runtime);
    // Even without a runtime there is nothing to be said, and nothing that could go wrong.
    kept.later(async { Ok(json!({})) });
}
