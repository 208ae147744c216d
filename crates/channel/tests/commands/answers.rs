//! Answers: now, later, in another order, refused, forgotten; each exactly one, to the asker alone.

use loopwire_testing::ordered;
use serde_json::json;

use crate::server::CommandServer;

#[test]
fn an_answer_carries_the_name_the_data_and_the_clients_id() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    for (id, behind) in [
        (r#","id":"mine""#, r#","id":"mine""#),
        (r#","id":7"#, r#","id":7"#),
        ("", ""),
        // Neither text nor number: nothing of ours is echoed to that.
        (r#","id":{"x":1}"#, ""),
        (r#","id":null"#, ""),
    ] {
        client.send_text(format!(
            r#"{{"type":"test:echo","data":{{"port":60000{id}}}}}"#
        ));
        let expected = format!(
            r#"{{"type":"test:echo","data":{{"port":60000{behind}}},"timestamp":"2025-10-16T12:00:00.000Z"}}"#
        );
        assert_eq!(client.receive_dated(), expected);
    }
}

#[test]
fn answers_are_sent_when_ready_and_only_to_the_client_that_asked() {
    let server = CommandServer::start();
    let (mut asker, mut other) = (server.open_client(), server.open_client());
    asker.send_text(r#"{"type":"test:later","data":{"id":1}}"#);
    asker.send_text(r#"{"type":"test:keep","data":{"id":2}}"#);
    let kept = server.kept();
    // A later question is answered first, and nothing waits for it.
    let now = asker.ask(r#"{"type":"test:echo","data":{"port":1,"id":3}}"#);
    assert_eq!(now["data"], json!({"port": 1, "id": 3}));
    std::thread::spawn(move || kept.send(&json!({"from": "a thread"})))
        .join()
        .unwrap();
    assert_eq!(asker.answer()["data"], json!({"from": "a thread", "id": 2}));
    server.engine.gate.add_permits(1);
    assert_eq!(asker.answer()["data"], json!({"late": true, "id": 1}));
    assert!(asker.answers_ping(), "one answer each");
    assert!(other.answers_ping(), "answers are for the asker alone");
}

#[test]
fn an_error_keeps_its_code() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    server.engine.gate.add_permits(1);
    let refused = client.ask(r#"{"type":"test:later","data":{"code":1,"id":"x"}}"#);
    let expected = json!({
        "code": "NO_SUCH_LUCK", "message": "not today", "id": "x", "command": "test:later",
    });
    assert_eq!(refused["data"], expected);
}

#[test]
fn data_of_another_shape_is_refused_without_repeating_it() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    for data in [
        r#"{"port":"my-password","id":1}"#,
        r#"{"port":70000,"id":1}"#,
        r#"{"port":-1,"id":1}"#,
        r#"{"id":1}"#,
        "[60000]",
        r#""my-password""#,
        "null",
    ] {
        client.send_text(format!(r#"{{"type":"test:echo","data":{data}}}"#));
        let text = client.receive();
        assert!(text.contains(r#""code":"BAD_MESSAGE""#), "{data}: {text}");
        assert!(!text.contains("my-password"), "{text}");
    }
    assert_eq!(
        client.ask(r#"{"type":"test:echo"}"#)["data"]["code"],
        "BAD_MESSAGE"
    );
    let deep = format!(
        r#"{{"type":"test:echo","data":{{"port":1,"x":{}{}}}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(client.ask(deep)["data"]["code"], "BAD_MESSAGE");
}

#[test]
fn an_id_is_in_use_until_its_answer() {
    let server = CommandServer::start();
    let (mut client, mut other) = (server.open_client(), server.open_client());
    let keep = r#"{"type":"test:keep","data":{"id":"a"}}"#;
    client.send_text(keep);
    let first = server.kept();
    let refused = client.ask(r#"{"type":"test:echo","data":{"port":1,"id":"a"}}"#);
    assert_eq!(refused["data"]["code"], "ID_IN_USE");
    // Ids belong to their connection, and a number is not a string.
    other.send_text(keep);
    server.kept().send(&json!({}));
    assert_eq!(other.answer()["data"]["id"], "a");
    for id in [r#""b""#, "1", r#""1""#] {
        client.send_text(format!(r#"{{"type":"test:keep","data":{{"id":{id}}}}}"#));
    }
    let more = [server.kept(), server.kept(), server.kept()];
    first.send(&json!({}));
    assert_eq!(client.answer()["type"], "test:keep");
    let again = client.ask(r#"{"type":"test:echo","data":{"port":1,"id":"a"}}"#);
    assert_eq!(again["data"], json!({"port": 1, "id": "a"}));
    drop(more);
}

#[test]
fn a_dropped_reply_and_an_answer_that_is_no_object_are_internal() {
    let server = CommandServer::start();
    let mut client = server.open_client();
    for name in ["test:forget", "test:list"] {
        let answer = client.ask(format!(r#"{{"type":"{name}","data":{{"id":1}}}}"#));
        assert_eq!(answer["data"]["code"], "INTERNAL", "{answer}");
        assert_eq!(answer["data"]["id"], 1);
    }
    assert!(client.answers_ping(), "one answer each");
}

#[test]
fn a_panic_is_a_fault_and_an_answer_and_the_connection_stays() {
    let _panic = [ordered("the engine panicked"), ordered("the work panicked")];
    let server = CommandServer::start();
    let mut client = server.open_client();
    for (name, said) in [
        ("test:panic", "the engine panicked"),
        ("test:panicLater", "the work panicked"),
    ] {
        let answer = client.ask(format!(r#"{{"type":"{name}","data":{{"id":1}}}}"#));
        assert_eq!(answer["data"]["code"], "INTERNAL", "{answer}");
        server.until("a fault", |server| {
            let published = server.published();
            published.contains(said) && published.contains(r#""component":"command:test""#)
        });
    }
    assert!(client.answers_ping());
}
