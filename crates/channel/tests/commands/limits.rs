//! How many commands may be in flight: the reader pauses, and continues as soon as there is room.

use serde_json::json;

use crate::server::CommandServer;

/// As PROTOCOL section 7 has it for messages.
const MAX_UNDER_WAY: usize = 64;

#[test]
fn with_64_commands_in_flight_the_next_one_waits_in_the_kernel() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    for at in 0..=MAX_UNDER_WAY {
        client.send_text(format!(r#"{{"type":"test:keep","data":{{"id":{at}}}}}"#));
    }
    let mut kept: Vec<_> = (0..MAX_UNDER_WAY).map(|_| server.kept()).collect();
    assert!(server.kept_soon().is_none(), "the reader goes on at 64");
    // Nobody else is held up.
    assert!(server.open_client().answers_ping());
    kept.pop().unwrap().send(&json!({"room": true}));
    let last = server.kept();
    assert_eq!(
        client.answer()["data"],
        json!({"room": true, "id": MAX_UNDER_WAY - 1})
    );
    last.send(&json!({}));
    assert_eq!(client.answer()["data"]["id"], MAX_UNDER_WAY);
    for (at, reply) in kept.into_iter().enumerate() {
        reply.send(&json!({}));
        assert_eq!(client.answer()["data"]["id"], at);
    }
    assert!(client.answers_ping());
}

#[test]
fn with_two_mebibytes_of_data_in_flight_the_next_command_waits_in_the_kernel() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    let data = "x".repeat(900_000);
    for at in 0..5 {
        client.send_text(format!(
            r#"{{"type":"test:keep","data":{{"id":{at},"x":"{data}"}}}}"#
        ));
    }
    let mut kept: Vec<_> = (0..3).map(|_| server.kept()).collect();
    assert!(server.kept_soon().is_none(), "the reader goes on at 2 MiB");
    // One that waits for its client has no part in that any more, though its id is still in use.
    kept[0].release_reader();
    let next = server.kept();
    client.send_text(r#"{"type":"test:keep","data":{"id":0}}"#);
    kept.remove(1).send(&json!({}));
    assert_eq!(client.answer()["data"]["id"], 1);
    let last = server.kept();
    kept.remove(1).send(&json!({}));
    // The reader goes on as soon as the reply is given, so its refusal may overtake the answer.
    let answers = [client.answer(), client.answer()];
    assert!(answers.iter().any(|answer| answer["data"]["id"] == 2));
    assert!(
        answers
            .iter()
            .any(|answer| answer["data"]["code"] == "ID_IN_USE")
    );
    for (reply, at) in kept.into_iter().chain([next, last]).zip([0, 3, 4]) {
        reply.send(&json!({}));
        assert_eq!(client.answer()["data"]["id"], at);
    }
    assert!(client.answers_ping());
}

#[test]
fn a_full_connection_can_still_be_closed() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    for _ in 0..=2 * MAX_UNDER_WAY {
        client.send_text(r#"{"type":"test:keep","data":{}}"#);
    }
    let kept: Vec<_> = (0..MAX_UNDER_WAY).map(|_| server.kept()).collect();
    // The server closes: commands before the client's answer are read and ignored.
    assert!(server.listener.disconnect("conn-1"));
    assert!(matches!(
        client.0.read(),
        Ok(tungstenite::Message::Close(_))
    ));
    while client.0.read().is_ok() {}
    server.until("it is gone", |server| server.listener.connected() == 0);
    assert!(server.kept_soon().is_none());
    drop(kept);
}

#[test]
fn many_more_commands_than_the_limit_are_all_answered() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    let many = 1_000;
    server.engine.gate.add_permits(many);
    for at in 0..many {
        client.send_text(format!(r#"{{"type":"test:later","data":{{"id":{at}}}}}"#));
    }
    let mut ids: Vec<_> = (0..many)
        .map(|_| client.answer()["data"]["id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..many as u64));
}
