//! Commands: an engine gets each once.

use std::sync::Arc;

use loopwire_channel::{Command, Engine, EngineSpec, ListenerOptions};
use loopwire_testing::ordered;
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};

use crate::client::{Client, ID};
use crate::support::TestServer;

#[derive(Default)]
struct Counting(Mutex<Vec<Value>>);

impl Engine for Counting {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["test:"],
            ..EngineSpec::EMPTY
        }
    }

    fn command(&self, command: Command) {
        assert_ne!(command.name(), "test:panic", "the engine panicked");
        if let Some((data, reply)) = command.read::<Value>("an object") {
            self.0.lock().push(data.clone());
            reply.send(&json!({"got": data}));
        }
    }

    fn metrics(&self, _encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

#[test]
fn a_command_that_is_sent_again_is_carried_out_once() {
    let engine = Arc::new(Counting::default());
    let server = TestServer::start(ListenerOptions::default(), vec![Arc::clone(&engine) as _]);
    let mut client = Client::connect(&server, ID);
    let command = |at: u64| json!({"type": "test:x", "data": {"at": at, "id": at}});
    client.reliable(1, &command(1));
    // The reply is the engine's, to the connection that brought the command.
    assert_eq!(
        client.next()["data"],
        json!({"got": {"at": 1, "id": 1}, "id": 1})
    );
    client.acknowledged(1);
    drop(client);
    let mut client = Client::connect(&server, ID);
    assert_eq!(client.taken(), Some(1));
    client.reliable(1, &command(1));
    client.acknowledged(1);
    // As a text, as an application may have serialised it.
    client.reliable(2, &json!(command(2).to_string()));
    assert_eq!(client.next()["data"]["id"], 2);
    client.acknowledged(2);
    assert_eq!(engine.0.lock().len(), 2);
    server.has_no_fault();
}

#[test]
fn a_command_that_makes_the_engine_panic_is_not_taken_again() {
    let engine = Arc::new(Counting::default());
    let server = TestServer::start(ListenerOptions::default(), vec![engine]);
    let mut client = Client::connect(&server, ID);
    let text = "the engine panicked";
    let _panic = ordered(text);
    client.reliable(1, &json!({"type": "test:panic"}));
    let mut kinds: Vec<_> = (0..3).map(|_| client.next()["type"].to_string()).collect();
    kinds.sort();
    assert_eq!(kinds, [r#""ack""#, r#""error""#, r#""fault""#]);
    client.reliable(1, &json!({"type": "test:panic"}));
    client.acknowledged(1);
}

#[test]
fn data_that_is_too_deep_is_refused_in_the_acknowledgement() {
    let engine = Arc::new(Counting::default());
    let server = TestServer::start(ListenerOptions::default(), vec![Arc::clone(&engine) as _]);
    let mut client = Client::connect(&server, ID);
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    client.text(format!(
        r#"{{"type":"reliable","data":{{"n":1,"message":{{"type":"test:x","data":{deep}}}}}}}"#
    ));
    assert_eq!(client.next()["type"], "error");
    assert_eq!(client.next()["data"]["code"], "BAD_MESSAGE");
    assert!(engine.0.lock().is_empty());
}
