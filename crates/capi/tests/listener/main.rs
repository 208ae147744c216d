//! Listeners of C: a program opens one, and a WebSocket client talks with it.

#[path = "../support/mod.rs"]
mod support;

use std::net::TcpStream;
use std::time::Duration;

use loopwire_testing as _;
use serde_json::Value;
use support::process::Running;
use support::{Folder, Program, free_port};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

type Client = WebSocket<TcpStream>;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn socket(url: &str) -> TcpStream {
    let host = url.split('/').nth(2).expect("a host");
    let socket = TcpStream::connect(host).expect("a listener");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

fn connect(url: &str) -> Client {
    let (client, _) = tungstenite::client(url, socket(url)).expect("a handshake");
    client
}

/// The code and the reason of the close frame that comes next.
fn closed(client: &mut Client) -> (u16, String) {
    match client.read() {
        Ok(Message::Close(Some(frame))) => (frame.code.into(), frame.reason.to_string()),
        other => panic!("no close frame: {other:?}"),
    }
}

fn text(client: &mut Client) -> String {
    match client.read() {
        Ok(Message::Text(text)) => text.to_string(),
        other => panic!("no text: {other:?}"),
    }
}

fn json(program: &mut Running, name: &str) -> Value {
    serde_json::from_str(&program.says(&format!("{name}: "))).expect("JSON")
}

/// In alphabetical order.
fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    let mut keys: Vec<_> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_client_and_the_callbacks_of_a_listener_see_the_same() {
    let Some(program) = Program::new("listener/listener.c").build() else {
        return;
    };
    let mut program = program.run().start();
    let url = program.says("url: ");
    let address = json(&mut program, "address");
    assert_eq!(keys(&address), ["address", "family", "port"]);
    assert_eq!(
        url,
        format!(
            "ws://127.0.0.1:{}/ws/abcdefghijklmnopqrstuvwxyz",
            address["port"]
        )
    );
    assert_eq!(program.says("certificate: "), "NULL");
    assert_eq!(program.says("fingerprint: "), "NULL");

    // A page of somebody else is told of once.
    for _ in 0..2 {
        let mut request = url.as_str().into_client_request().expect("a request");
        let origin = "https://somewhere.example".parse().expect("a header");
        request.headers_mut().insert("Origin", origin);
        assert!(tungstenite::client(request, socket(&url)).is_err());
    }
    assert_eq!(
        program.says("origin "),
        "https://somewhere.example allowedOrigins"
    );

    let mut first = connect(&url);
    assert_eq!(program.says("connection conn-1 open "), "0 []");
    assert_eq!(program.says("connection conn-1 active "), "0 []");
    let mut client = connect(&url);
    assert_eq!(program.says("connection conn-2 active "), "0 []");
    assert_eq!(program.says("connection conn-1 standby "), "0 []");

    client
        .send(Message::binary([0, 1, 2].as_slice()))
        .expect("a client");
    assert_eq!(program.says("binary conn-2 "), "3 ");
    client.send("answer".into()).expect("a client");
    assert_eq!(text(&mut client), "café");
    assert_eq!(
        client.read().expect("a message"),
        Message::binary([0xff, 0].as_slice())
    );
    assert_eq!(text(&mut client), "");

    client.send("reports".into()).expect("a client");
    let connections = json(&mut program, "connections");
    let rows = connections.as_array().expect("an array");
    let names = [
        "active",
        "behind",
        "connected",
        "form",
        "id",
        "lastPing",
        "silent",
        "slot",
        "v1",
    ];
    assert!(rows.iter().all(|row| keys(row) == names), "{rows:?}");
    assert_eq!(
        (&rows[0]["slot"], &rows[1]["slot"], &rows[1]["behind"]),
        (
            &"standby".into(),
            &"active".into(),
            &serde_json::json!({"events": 0, "bytes": 0})
        )
    );
    let stats = json(&mut program, "stats");
    let names = [
        "connections",
        "epoch",
        "journalBytes",
        "journalEvents",
        "noticesLost",
        "opened",
        "refused",
        "seq",
    ];
    assert_eq!(keys(&stats), names);
    assert_eq!(
        (&stats["connections"], &stats["refused"]),
        (&2.into(), &2.into())
    );

    // The same events in the same order.
    client.send("emit".into()).expect("a client");
    for number in 0..1000 {
        let event = text(&mut client);
        assert_eq!(
            event,
            format!(r#"{{"type":"my:number","payload":"{number}"}}"#)
        );
    }
    for number in [0, 999] {
        let _ = program.says(&format!(
            r#"event {{"type":"my:number","payload":"{number}"}}"#
        ));
    }

    client.send("disconnect".into()).expect("a client");
    let (code, reason) = closed(&mut client);
    assert_eq!(code, 4001);
    let told = program.says("connection conn-2 closed ");
    assert_eq!(told, format!("4001 [{reason}]"));
    first.send("rotate".into()).expect("a client");
    assert_eq!(closed(&mut first).0, 4003);
    let next = program.says("url now: ");
    assert!(next.ends_with("/ws/another-token-of-this-listener"));
    assert!(tungstenite::client(&*url, socket(&url)).is_err());

    let mut last = connect(&next);
    last.send("close".into()).expect("a client");
    assert_eq!(closed(&mut last).0, u16::from(CloseCode::Away));
    let ended = program.end().succeeded();
    let lines: Vec<_> = ended.stdout.lines().collect();
    let events = lines.iter().filter(|line| line.starts_with("event "));
    let expected =
        (0..1000).map(|number| format!(r#"event {{"type":"my:number","payload":"{number}"}}"#));
    assert!(events.copied().eq(expected), "{}", ended.stdout);
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("origin "))
            .count(),
        1
    );
    assert_eq!(lines.last(), Some(&"done"));
}

#[test]
fn a_listener_with_tls_tells_its_certificate() {
    let Some(program) = Program::new("listener/listener.c").build() else {
        return;
    };
    let mut program = program.run().arg(r#"{"tls":"self-signed"}"#).start();
    assert!(program.says("url: ").starts_with("wss://127.0.0.1:"));
    assert_eq!(program.says("certificate: "), "-----BEGIN CERTIFICATE-----");
    assert_eq!(program.says("fingerprint: ").len(), 32 * 3 - 1);
}

#[test]
fn what_cannot_be_opened_leaves_nothing_behind() {
    let Some(program) = Program::new("listener/refusals.c").build() else {
        return;
    };
    let ended = program.run().succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
    assert_eq!(ended.stderr, "", "{}", ended.told());
}

#[test]
fn the_call_of_the_page_opens_a_channel_and_stopping_closes_it() {
    let Some(program) = Program::new("listener/communicate.c").build() else {
        return;
    };
    let (port, folder) = (free_port(), Folder::new());
    let seen = folder.path().join("seen");
    let program = program.run().arg(port.to_string()).arg(&seen);
    let mut program = program.start();
    let _ = program.says("started");
    let mut client = connect(&format!("ws://127.0.0.1:{port}/ws/abcd1234"));
    std::fs::write(&seen, "").expect("a folder");
    assert_eq!(closed(&mut client).0, u16::from(CloseCode::Away));
    let ended = program.end().succeeded();
    assert_eq!(ended.stdout, "started\ndone\n", "{}", ended.told());
}
