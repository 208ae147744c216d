//! The clock behind a listener, against `fixtures/clock.json`.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::net::TcpStream;
use std::time::Duration;

use loopwire_channel::{EventForm, ListenerOptions, Token};
use loopwire_runtime::{OpenListener, Runtime, event_kind};
use serde_json::Value;
use tungstenite::{Message, WebSocket};

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

fn fixture(name: &str) -> Value {
    let text = include_str!("../../../fixtures/clock.json");
    let fixtures: Vec<Value> = serde_json::from_str(text).unwrap();
    fixtures
        .into_iter()
        .find(|one| one["name"] == name)
        .unwrap()
}

fn connect(runtime: &Runtime, path: &str) -> WebSocket<TcpStream> {
    let address = runtime.listeners()[0].address();
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let url = format!("ws://{address}{path}");
    tungstenite::client(url, stream).unwrap().0
}

/// The next message, with the timestamp of the fixtures.
fn hear(client: &mut WebSocket<TcpStream>) -> Value {
    let Message::Text(text) = client.read().unwrap() else {
        panic!("not a text")
    };
    let mut message: Value = serde_json::from_str(&text).unwrap();
    message["timestamp"] = "2025-10-16T12:00:00.000Z".into();
    message
}

fn ask(client: &mut WebSocket<TcpStream>, fixture: &Value) -> Value {
    client
        .send(Message::text(fixture["command"].to_string()))
        .unwrap();
    hear(client)
}

#[test]
fn a_clock_ticks_for_clients_of_the_sandbox_and_tells_how_often() {
    let runtime = Runtime::default();
    let open = OpenListener {
        host: [127, 0, 0, 1].into(),
        port: 0,
        token: Token::parse(TOKEN).unwrap(),
        waker: None,
        detail: false,
        tls: None,
        options: ListenerOptions::default(),
    };
    let _listener = runtime.open(open).unwrap();
    let mut sandbox = connect(&runtime, &format!("/?token={TOKEN}"));
    let mut sdk = connect(&runtime, &format!("/ws/{TOKEN}"));
    let absent = fixture("error: NO_CLOCK");
    assert_eq!(ask(&mut sandbox, &absent), absent["reply"]);

    let clock = runtime.clock();
    clock.tick();
    assert_eq!(hear(&mut sandbox), fixture("clock:tick")["event"]);
    let read = fixture("clock:read");
    assert_eq!(ask(&mut sandbox, &read), read["reply"]);
    // The other one has heard no tick before its answer.
    assert_eq!(ask(&mut sdk, &read), read["reply"]);
    runtime.dispose();
}

#[test]
fn an_application_that_publishes_a_tick_keeps_to_its_form() {
    assert_eq!(
        event_kind("clock:tick").map(|kind| kind.form()),
        Some(EventForm::Data)
    );
    assert_eq!(
        event_kind("clock:else").map(|kind| kind.form()),
        Some(EventForm::Any)
    );
}
