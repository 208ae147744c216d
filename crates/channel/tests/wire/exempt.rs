//! What engines take needs no memory of the application's messages, and only that.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use loopwire_channel::{Callback, Command, Engine, EngineSpec, Input, ListenerOptions, Peer};
use prometheus_client::encoding::DescriptorEncoder;
use serde_json::{Value, json};

use crate::client::{open_websocket, open_websocket_at};
use crate::frames::{BINARY, FIN, TEXT, frame};
use crate::inbox::{grown_while_blocked, take};
use crate::support::process::alone;
use crate::support::{TOKEN, TestServer};

const MIB: usize = 1 << 20;

/// Answers commands, and takes binary messages that begin with `mine`.
struct Mine;

impl Engine for Mine {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["mine:"],
            ..EngineSpec::EMPTY
        }
    }

    fn command(&self, command: Command) {
        let (data, reply) = command.read::<Value>("an object").unwrap();
        reply.send(&json!({"length": data["text"].as_str().map(str::len)}));
    }

    fn owns_input(&self, _: &Peer, begin: &[u8]) -> bool {
        begin.starts_with(b"mine")
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        if !input.starts_with(b"mine") {
            return Some(input);
        }
        peer.say(&format!("input of {}", input.len()));
        None
    }

    fn metrics(&self, _: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

fn serve() -> (TestServer, Arc<Callback>) {
    TestServer::with_engines(ListenerOptions::default(), vec![Arc::new(Mine)])
}

fn open_binary(server: &TestServer) -> TcpStream {
    open_websocket_at(server, &format!("/ws/{TOKEN}?binary=true"), b"")
}

/// The next frame of the server, a text of less than 64 KiB.
fn receive_text(stream: &mut TcpStream) -> String {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    let mut len = usize::from(head[1]);
    if len == 126 {
        stream.read_exact(&mut head).unwrap();
        len = u16::from_be_bytes(head).into();
    }
    let mut text = vec![0; len];
    stream.read_exact(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn messages_that_only_look_like_an_engines_need_little_memory() {
    alone("exempt::binary_inside");
    alone("exempt::text_inside");
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn binary_inside() {
    let (server, callback) = serve();
    let streams = (0..64).map(|_| open_binary(&server)).collect();
    grown_while_blocked(&callback, streams, &frame(FIN | BINARY, &vec![7; MIB]));
}

#[test]
#[ignore = "measures its process; run by the test above"]
fn text_inside() {
    let (server, callback) = serve();
    let streams = (0..64).map(|_| open_websocket(&server, b"")).collect();
    let mut text = br#"{"x":"mine:","y":{"type":"mine:x"},"z":""#.to_vec();
    text.resize(MIB - 2, b'z');
    text.extend(b"\"}");
    grown_while_blocked(&callback, streams, &frame(FIN | TEXT, &text));
}

#[test]
fn a_blocked_application_holds_back_no_engine_however_its_messages_are_cut() {
    let (server, callback) = serve();
    let message = frame(FIN | BINARY, &vec![7; MIB]);
    let mut others: Vec<_> = (0..3).map(|_| open_websocket(&server, b"")).collect();
    std::thread::scope(|scope| {
        // More than may wait, so that all of the memory is in use and the turn is taken.
        for stream in &mut others {
            scope.spawn(|| {
                for _ in 0..3 {
                    stream.write_all(&message).unwrap();
                }
            });
        }
        let more = "é".repeat(150_000);
        let text = format!(r#"{{"data":{{"text":"abc"}},"type":"mine:x","more":"{more}"}}"#);
        let command = frame(FIN | TEXT, text.as_bytes());
        let input = frame(FIN | BINARY, &[b"mine", &vec![7; 300_000][..]].concat());
        let mut client = open_binary(&server);
        // The header alone, a part of the type alone, and all at once.
        for cut in [14, 15, 40, command.len()] {
            for (message, answer) in [(&command, r#""length":"#), (&input, "input of 300004")] {
                client
                    .write_all(&message[..cut.min(message.len())])
                    .unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
                client
                    .write_all(&message[cut.min(message.len())..])
                    .unwrap();
                let heard = receive_text(&mut client);
                assert!(heard.contains(answer), "{cut}: {heard}");
            }
        }
        for _ in 0..9 {
            assert_eq!(take(&callback), MIB);
        }
    });
}
