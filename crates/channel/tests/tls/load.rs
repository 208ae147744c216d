//! Much data at once, and slow clients.

use crate::setup::client::PacedTcp;
use crate::setup::server::TlsServer;
use crate::setup::stream_engine::Noise;
use crate::support::TOKEN;
use loopwire_channel::{Event, ListenerOptions, Topic};
use ring::digest::{Context, SHA256};
use serde_json::json;
use socket2::SockRef;
use std::time::Duration;
use tungstenite::Message;

/// Far more than kernel and session hold together.
const MUCH: usize = 64 << 20;

#[test]
fn a_slow_client_that_reads_odd_pieces_gets_every_byte_in_order() {
    let server = TlsServer::start();
    let tcp = server.connect();
    SockRef::from(&tcp).set_recv_buffer_size(32 << 10).unwrap();
    let stream = server.tls_stream(server.trusting(), PacedTcp::slow(tcp));
    let target = format!("/?token={TOKEN}&binary=true");
    let mut client = server.open_websocket(stream, &target, &[]).unwrap();
    let wanted = json!({"type": "test:stream", "data": {"bytes": MUCH}});
    assert_eq!(client.ask(wanted.to_string())["data"]["bytes"], MUCH);
    let (mut context, mut heard) = (Context::new(&SHA256), 0);
    // Pieces may be merged into no other frames: they come as they were rendered.
    for piece in Noise::new(MUCH) {
        let bytes = client.receive_binary();
        assert_eq!(bytes.len(), piece.len(), "at {heard}");
        context.update(&bytes);
        heard += bytes.len();
    }
    assert_eq!(heard, MUCH);
    assert!(context.finish().as_ref() == Noise::new(MUCH).hash());
    assert!(client.answers_ping());
    server.has_no_fault();
}

#[test]
fn events_and_replies_are_sent_between_the_pieces_of_a_stream() {
    const BYTES: usize = 8 << 20;
    let server = TlsServer::start();
    let mut client = server.open_client("&binary=true");
    let wanted = json!({"type": "test:stream", "data": {"bytes": BYTES}});
    client.send_text(wanted.to_string());
    for number in 0..200 {
        client.send_text(json!({"type": "test:echo", "data": {"id": number}}).to_string());
        let event = Event::payload(Topic::APP, "news", &"x".repeat(number * 100));
        server.journal.publish_now(&event).unwrap();
    }
    let (mut bytes, mut replies, mut events) = (0, 0, 0);
    while bytes < BYTES || replies < 200 || events < 200 {
        match client.socket.read().unwrap() {
            Message::Binary(piece) => bytes += piece.len(),
            Message::Text(text) => {
                let heard: serde_json::Value = serde_json::from_str(&text).unwrap();
                match heard["type"].as_str().unwrap() {
                    "news" => {
                        let payload = heard["payload"].as_str().unwrap();
                        assert_eq!(payload.len(), events * 100);
                        events += 1;
                    }
                    _ if heard["data"]["id"].is_null() => assert_eq!(heard["data"]["bytes"], BYTES),
                    _ => {
                        assert_eq!(heard["data"]["id"], replies);
                        replies += 1;
                    }
                }
            }
            _ => {}
        }
    }
    assert_eq!((bytes, replies, events), (BYTES, 200, 200));
}

#[test]
fn messages_of_one_mebibyte_work_in_both_directions() {
    let server = TlsServer::start();
    let mut client = server.open_client("");
    let text = "é".repeat((1 << 19) - 100);
    let command = json!({"type": "test:echo", "data": {"text": text}});
    for _ in 0..3 {
        let heard = client.ask(command.to_string());
        assert!(heard["data"]["text"] == text, "{:.100}", heard.to_string());
    }
    // As an event, which is written straight from the journal: a byte less than the most, and more than a batch.
    for len in [60_000, 65_536, 200_000, 900_000] {
        let event = Event::payload(Topic::APP, "big", &"x".repeat(len));
        server.journal.publish_now(&event).unwrap();
        assert_eq!(client.answer()["payload"].as_str().unwrap().len(), len);
    }
    // And from the application.
    let id = server.listener.connections()[0].info.id.clone();
    let body = vec![7; 1 << 20];
    server.listener.send(&id, &body, true).unwrap();
    assert!(client.receive_binary() == body);
}

#[test]
fn a_partial_write_is_completed_although_nothing_follows() {
    // Less than a session takes at once: one of these ends where the kernel is full, and its rest is ciphertext.
    const BYTES: usize = 60_000;
    // Enough of them for a kernel's buffers (Linux: 4 MiB to send).
    const MOST: usize = 120;
    // Without pings, which would take along what was left.
    let server = TlsServer::with(ListenerOptions {
        heartbeat: Duration::from_secs(3_600),
        ..ListenerOptions::default()
    });
    for count in 1..=MOST {
        let tcp = server.connect();
        SockRef::from(&tcp).set_recv_buffer_size(256 << 10).unwrap();
        let stream = server.tls_stream(server.trusting(), PacedTcp::new(tcp));
        let target = format!("/?token={TOKEN}");
        let mut client = server.open_websocket(stream, &target, &[]).unwrap();
        assert!(client.answers_ping());
        let id = server.listener.connections()[0].info.id.clone();
        for number in 0..count {
            let body = vec![number as u8; BYTES];
            server.listener.send(&id, &body, true).unwrap();
        }
        // The kernel is full by then, or has taken all; on a slow machine this time the test sees less.
        std::thread::sleep(Duration::from_millis(10));
        for number in 0..count {
            assert!(client.receive_binary() == vec![number as u8; BYTES]);
        }
        drop(client);
        server.until("it is gone", |server| server.listener.connected() == 0);
    }
}
