//! Input that is counted: a cut connection costs no byte of it and repeats none.

use serde_json::{Value, json};
use tungstenite::Message;

use crate::support::{Client, TestServer};

/// What a client of binary messages receives next.
enum Heard {
    Bytes(Vec<u8>),
    Message(String, Value),
}

fn hear(client: &mut Client) -> Heard {
    match client.next() {
        Message::Binary(frame) => Heard::Bytes(frame[12..].to_vec()),
        Message::Text(text) => {
            let mut value: Value = serde_json::from_str(&text).unwrap();
            let data = value["data"].take();
            Heard::Message(value["type"].as_str().unwrap().to_owned(), data)
        }
        other => panic!("{other:?}"),
    }
}

fn start(client: &mut Client, command: &str) -> u32 {
    client.start(&json!({"command": command, "id": "r", "countInput": true}))
}

/// A connection that goes on at `offset`.
fn attach(server: &TestServer, offset: usize) -> Client {
    let mut client = server.connect_binary();
    client.command("terminal:attach", &json!({"id": "r", "offset": offset}));
    client
}

#[test]
fn input_that_comes_again_is_read_once_and_input_with_a_hole_is_refused() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let stdin = start(&mut client, "cat");
    let send = |client: &mut Client, offset: usize, bytes: &[u8]| {
        client.send_piece(stdin, offset, bytes);
    };
    let mut text = Vec::new();
    let mut acked = 0;
    let mut until_told = |client: &mut Client, text: &mut Vec<u8>, wanted: u64| {
        while acked < wanted || (text.len() as u64) < wanted {
            match hear(client) {
                Heard::Bytes(piece) => text.extend_from_slice(&piece),
                Heard::Message(kind, data) => {
                    assert_eq!(kind, "terminal:ack");
                    acked = data["offset"].as_u64().unwrap();
                }
            }
        }
        assert_eq!(acked, wanted);
    };
    send(&mut client, 0, b"abc");
    until_told(&mut client, &mut text, 3);
    // The same again, a part of it, nothing at all, and some of it with more behind it.
    for (offset, piece) in [
        (0, &b"abc"[..]),
        (1, b"b"),
        (1, b""),
        (3, b""),
        (2, b"cdef"),
    ] {
        send(&mut client, offset, piece);
    }
    until_told(&mut client, &mut text, 6);
    assert_eq!(text, b"abcdef");
    client.disconnect();
    // Another connection is told what has arrived.
    let mut client = attach(&server, 6);
    let replayed = client.expect("terminal:replayed");
    assert_eq!(
        (&replayed["from"], &replayed["input"]),
        (&json!(6), &json!(6))
    );
    assert_eq!(client.expect("terminal:ack")["offset"], 6);
    send(&mut client, 7, b"h");
    assert_eq!(client.expect("error")["code"], "INPUT_FULL");
    client.command("terminal:attach", &json!({"id": "r", "offset": 6}));
    assert_eq!(client.expect("terminal:replayed")["input"], 6);
    assert_eq!(client.expect("terminal:ack")["offset"], 6);
    send(&mut client, 6, b"gh");
    // Twice: it has been cut off in between, for all it knows.
    client.command("terminal:eof", &json!({"id": "r"}));
    client.command("terminal:eof", &json!({"id": "r"}));
    let mut rest = Vec::new();
    loop {
        match hear(&mut client) {
            Heard::Bytes(piece) => rest.extend_from_slice(&piece),
            Heard::Message(kind, data) if kind == "terminal:exit" => {
                assert_eq!(data["exitCode"], 0);
                break;
            }
            Heard::Message(kind, _) => assert_eq!(kind, "terminal:ack"),
        }
    }
    assert_eq!(rest, b"gh");
}

#[test]
fn input_that_a_command_does_not_want_counts_as_taken() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let stdin = start(&mut client, "exec 0<&-; echo closed; sleep 1000");
    while let Heard::Message(..) = hear(&mut client) {}
    let mut offset = 0;
    for _ in 0..4 {
        client.send_piece(stdin, offset, &[b'x'; 50_000]);
        offset += 50_000;
    }
    let mut told = 0_u64;
    while told < 200_000 {
        match hear(&mut client) {
            Heard::Message(kind, data) if kind == "terminal:ack" => {
                told = data["offset"].as_u64().unwrap();
            }
            Heard::Message(kind, data) => panic!("{kind} {data}"),
            Heard::Bytes(..) => {}
        }
    }
    client.command("terminal:signal", &json!({"id": "r", "signal": "KILL"}));
    assert_eq!(client.expect("terminal:exit")["signal"], "SIGKILL");
}
