//! The messages against `fixtures/reliable.json`, byte for byte.

use loopwire_channel::ListenerOptions;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::{Client, ID, next};
use crate::support::TestServer;

#[derive(Deserialize)]
struct Fixture {
    name: String,
    #[serde(default)]
    say: Option<Box<RawValue>>,
    hear: Box<RawValue>,
    #[serde(default)]
    application: Option<Box<RawValue>>,
}

/// The text with the same timestamp and the same random epoch as the fixtures have.
fn fixed(text: &str) -> String {
    let mut text = text.to_owned();
    for (key, value) in [
        ("memory", "memory"),
        ("timestamp", "2025-10-16T12:00:00.000Z"),
        ("epoch", "epoch"),
    ] {
        let key = format!(r#""{key}":""#);
        if let Some((front, rest)) = text.split_once(&key) {
            let (_, behind) = rest.split_once('"').unwrap();
            text = format!(r#"{front}{key}{value}"{behind}"#);
        }
    }
    text
}

#[test]
fn the_messages_are_those_of_the_fixtures() {
    let fixtures: Vec<Fixture> =
        serde_json::from_str(include_str!("../../../../fixtures/reliable.json")).unwrap();
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let deaf = TestServer::start(ListenerOptions::default(), Vec::new());
    let mut client = None;
    for Fixture {
        name,
        say,
        hear,
        application,
    } in fixtures
    {
        let Some(say) = say else {
            let opened = Client::connect(&server, ID);
            let hello = serde_json::to_string(&opened.hello).unwrap();
            let expected: serde_json::Value = serde_json::from_str(hear.get()).unwrap();
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&fixed(&hello)).unwrap(),
                expected,
                "{name}"
            );
            client = Some(opened);
            continue;
        };
        if name.contains("no onMessage") {
            let mut client = Client::connect(&deaf, ID);
            client.text(say.get());
            let _error = client.next();
            assert_eq!(client.next_text(), hear.get(), "{name}");
            continue;
        }
        let client = client.as_mut().unwrap();
        client.text(say.get());
        assert_eq!(fixed(&client.next_text()), hear.get(), "{name}");
        if let Some(application) = application {
            assert_eq!(next(&callback), application.get(), "{name}");
        }
    }
}
