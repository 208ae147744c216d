//! Messages for the application.

use loopwire_channel::ListenerOptions;
use serde_json::json;

use crate::client::{Client, ID, next, nothing_more};
use crate::support::TestServer;

#[test]
fn a_message_is_acknowledged_and_a_duplicate_has_no_effect() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let mut client = Client::connect(&server, ID);
    assert_eq!(client.taken(), Some(0));
    client.reliable(1, &json!("first"));
    client.acknowledged(1);
    client.text(r#"{"type":"reliable","data":{"n":2,"message":{"type":"a",  "data":[]}}}"#);
    client.acknowledged(2);
    for n in [2, 1] {
        client.reliable(n, &json!("again"));
        client.acknowledged(n);
    }
    // Numbers may be left out: the client has withdrawn 3.
    client.reliable(4, &json!({"type": "pong", "then": "nothing"}));
    client.acknowledged(4);
    client.reliable(5, &json!("last"));
    client.acknowledged(5);
    // It gets the text that the client would have sent, byte for byte.
    for expected in ["first", r#"{"type":"a",  "data":[]}"#, "last"] {
        assert_eq!(next(&callback), expected);
    }
    assert!(nothing_more(&callback));
    let client = Client::connect(&server, ID);
    assert_eq!(client.taken(), Some(5));
    server.has_no_fault();
}

#[test]
fn every_client_has_numbers_of_its_own() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let other_id = ID.replace('0', "1");
    let (mut one, mut other) = (
        Client::connect(&server, ID),
        Client::connect(&server, &other_id),
    );
    one.reliable(7, &json!("one"));
    one.acknowledged(7);
    other.reliable(1, &json!("other"));
    other.acknowledged(1);
    assert_eq!(next(&callback), "one");
    assert_eq!(next(&callback), "other");
}

#[test]
fn what_nobody_takes_is_refused_in_the_acknowledgement() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let mut client = Client::connect(&server, ID);
    client.reliable(1, &json!({"type": "mine"}));
    let error = client.next();
    assert_eq!(
        (&error["type"], &error["data"]["code"]),
        (&json!("error"), &json!("BAD_MESSAGE"))
    );
    let ack = client.next();
    assert_eq!(
        (&ack["type"], &ack["data"]["n"]),
        (&json!("ack"), &json!(1))
    );
    assert_eq!(ack["data"]["code"], "BAD_MESSAGE");
    assert_eq!(ack["data"]["message"], error["data"]["message"]);
    // It is not refused twice.
    client.reliable(1, &json!({"type": "mine"}));
    client.acknowledged(1);
    client.reliable(2, &json!({"type": "ping"}));
    assert_eq!(client.next()["type"], "pong");
    client.acknowledged(2);
}

#[test]
fn an_envelope_of_another_form_is_answered_and_takes_no_number() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let mut client = Client::connect(&server, ID);
    for data in [
        r#"{"n":0,"message":"x"}"#,
        r#"{"n":1}"#,
        "null",
        r#"{"n":"1","message":1}"#,
    ] {
        client.text(format!(r#"{{"type":"reliable","data":{data}}}"#));
        let error = client.next();
        assert_eq!(error["data"]["code"], "BAD_MESSAGE", "{data}");
        assert_eq!(error["data"]["command"], "reliable");
    }
    client.reliable(1, &json!("x"));
    client.acknowledged(1);
    assert_eq!(next(&callback), "x");
    // One inside of another is a message of the application's.
    client.text(r#"{"type":"reliable","data":{"n":2,"message":{"type":"reliable"}}}"#);
    client.acknowledged(2);
    assert_eq!(next(&callback), r#"{"type":"reliable"}"#);
}

#[test]
fn without_a_client_id_an_envelope_is_the_applications() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let mut client = Client::with_flags(&server, "v=1");
    assert_eq!(client.taken(), None);
    for _ in 0..2 {
        client.reliable(1, &json!("x"));
        assert!(next(&callback).starts_with(r#"{"type":"reliable","#));
    }
    client.text(r#"{"type":"ping"}"#);
    assert_eq!(client.next()["type"], "pong");
}
