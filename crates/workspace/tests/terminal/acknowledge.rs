//! Clients that acknowledge output: they are sent a window, and lose nothing when their connection breaks.

use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::Message;

use crate::support::{Client, TestServer, until};

/// Half of that is the window.
const SCROLLBACK: usize = 64 << 10;
const WINDOW: u64 = 32 << 10;

fn small() -> TestServer {
    TestServer::with(loopwire_workspace::Options {
        scrollback_bytes: SCROLLBACK,
        detach: Some(Duration::from_millis(1_500)),
        ..Default::default()
    })
}

/// The row of the only terminal.
fn row(server: &TestServer) -> Value {
    let mut client = server.connect();
    client.command("terminal:list", &json!({}));
    client.expect("terminal:listed")["terminals"][0].take()
}

/// Adds a piece of output, which must follow those before it.
fn append(bytes: &mut Vec<u8>, frame: &[u8]) {
    let offset = u64::from_be_bytes(frame[4..12].try_into().unwrap());
    assert_eq!(offset, bytes.len() as u64);
    bytes.extend_from_slice(&frame[12..]);
}

/// Takes output up to an offset, which it must reach exactly.
fn take(client: &mut Client, bytes: &mut Vec<u8>, to: u64) {
    while (bytes.len() as u64) < to {
        if let Message::Binary(frame) = client.next() {
            append(bytes, &frame);
        }
    }
    assert_eq!(bytes.len() as u64, to);
}

#[test]
fn no_more_than_a_window_is_sent_before_it_is_acknowledged_and_the_command_pauses() {
    let server = small();
    let mut client = server.connect_binary();
    client.execute(&json!({"command": "yes", "id": "y", "acknowledge": 0}));
    client.expect("terminal:started");
    let mut bytes = Vec::new();
    for n in 1..=5 {
        take(&mut client, &mut bytes, n * WINDOW);
        // Everything that could come would come before this answer.
        assert!(client.answers_ping());
        until("a pause", || {
            let before = row(&server)["to"].as_u64();
            std::thread::sleep(Duration::from_millis(100));
            row(&server)["to"].as_u64() == before
        });
        assert!(client.answers_ping());
        let acknowledged = json!({"id": "y", "offset": n * WINDOW});
        client.command("terminal:ack", &acknowledged);
        // An older one changes nothing.
        client.command("terminal:ack", &json!({"id": "y", "offset": 1}));
    }
}

#[test]
fn output_goes_on_at_its_byte_when_connections_break_with_bytes_on_the_way() {
    let server = small();
    let text: String = (0..200_000).map(|n| format!("{n}\n")).collect();
    server.write_file("large", &text);
    let mut client = server.connect_binary();
    let execute = json!({"command": "cat large", "id": "c", "acknowledge": 0});
    client.execute(&execute);
    client.expect("terminal:started");
    let mut bytes: Vec<u8> = Vec::new();
    let mut cuts = 0;
    loop {
        match client.next() {
            Message::Binary(frame) => {
                append(&mut bytes, &frame);
                if bytes.len() / 100_000 > cuts {
                    cuts += 1;
                    // What was sent behind that is lost.
                    drop(client);
                    client = server.connect_binary();
                    let at = bytes.len();
                    let attach = json!({"id": "c", "offset": at, "acknowledge": at});
                    client.command("terminal:attach", &attach);
                    continue;
                }
                let offset = json!({"id": "c", "offset": bytes.len()});
                client.command("terminal:ack", &offset);
            }
            Message::Text(text) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                assert_ne!(value["data"]["truncated"], true);
                if value["type"] == "terminal:exit" {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(bytes == text.as_bytes());
    assert!(cuts > 10, "{cuts}");
}

#[test]
fn the_command_waits_for_a_client_that_is_gone_no_longer_than_it_may() {
    let server = small();
    let mut client = server.connect_binary();
    let execute = json!({"command": "head -c 1000000 /dev/zero", "id": "z", "acknowledge": 0});
    client.execute(&execute);
    client.expect("terminal:started");
    client.disconnect();
    until("an end", || row(&server)["running"] == false);
}

#[test]
fn the_command_does_not_wait_for_one_that_is_gone_while_another_is_attached() {
    let server = small();
    let mut client = server.connect_binary();
    let execute = json!({"command": "cat; head -c 1000000 /dev/zero", "id": "z", "acknowledge": 0});
    client.execute(&execute);
    client.expect("terminal:started");
    let mut other = server.connect();
    other.command("terminal:attach", &json!({"id": "z"}));
    other.expect("terminal:replayed");
    client.disconnect();
    other.command("terminal:eof", &json!({"id": "z"}));
    until("an exit", || other.receive()["type"] == "terminal:exit");
}

#[test]
fn the_latest_that_acknowledges_runs_the_terminal() {
    let server = small();
    let mut dead = server.connect_binary();
    dead.execute(&json!({"command": "yes", "id": "y", "acknowledge": 0}));
    dead.expect("terminal:started");
    let mut client = server.connect_binary();
    let attach = json!({"id": "y", "offset": 0, "acknowledge": 0});
    client.command("terminal:attach", &attach);
    let mut bytes = Vec::new();
    for n in 1..=8 {
        take(&mut client, &mut bytes, n * WINDOW);
        client.command("terminal:ack", &json!({"id": "y", "offset": n * WINDOW}));
    }
}
