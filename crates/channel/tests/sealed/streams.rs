//! Much at once, and clients that take their time.

use loopwire_channel::{Event, ListenerOptions, Topic};
use ring::digest::{Context, SHA256};
use serde_json::json;
use socket2::SockRef;
use std::time::Duration;
use tungstenite::Message;

use crate::house::{House, TOKEN, Wire};
use crate::porter::Noise;

/// Far more than kernel and session hold together.
const MUCH: usize = 64 << 20;

#[test]
fn a_slow_client_that_reads_in_odd_pieces_gets_every_byte_in_its_place() {
    let house = House::open();
    let tcp = house.knock();
    SockRef::from(&tcp).set_recv_buffer_size(32 << 10).unwrap();
    let stream = house.dial_with(house.trusting(), Wire::slow(tcp));
    let target = format!("/?token={TOKEN}&binary=true");
    let mut client = house.enter(stream, &target, &[]).unwrap();
    let wanted = json!({"type": "test:stream", "data": {"bytes": MUCH}});
    assert_eq!(client.ask(wanted.to_string())["data"]["bytes"], MUCH);
    let (mut context, mut heard) = (Context::new(&SHA256), 0);
    // Pieces may be merged into no other frames: they come as they were rendered.
    for piece in Noise::new(MUCH) {
        let bytes = client.hear_binary();
        assert_eq!(bytes.len(), piece.len(), "at {heard}");
        context.update(&bytes);
        heard += bytes.len();
    }
    assert_eq!(heard, MUCH);
    assert!(context.finish().as_ref() == Noise::new(MUCH).hash());
    assert!(client.is_at_ease());
    house.is_sound();
}

#[test]
fn events_and_replies_go_on_between_the_pieces_of_a_stream() {
    const BYTES: usize = 8 << 20;
    let house = House::open();
    let mut client = house.visit("&binary=true");
    let wanted = json!({"type": "test:stream", "data": {"bytes": BYTES}});
    client.say(wanted.to_string());
    for number in 0..200 {
        client.say(json!({"type": "test:echo", "data": {"id": number}}).to_string());
        let event = Event::payload(Topic::APP, "news", &"x".repeat(number * 100));
        house.journal.publish_now(&event).unwrap();
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
fn messages_of_a_mebibyte_go_both_ways() {
    let house = House::open();
    let mut client = house.visit("");
    let text = "é".repeat((1 << 19) - 100);
    let command = json!({"type": "test:echo", "data": {"text": text}});
    for _ in 0..3 {
        let heard = client.ask(command.to_string());
        assert!(heard["data"]["text"] == text, "{:.100}", heard.to_string());
    }
    // As an event, which is written straight from the journal: a byte less than the most, and more than a batch.
    for len in [60_000, 65_536, 200_000, 900_000] {
        let event = Event::payload(Topic::APP, "big", &"x".repeat(len));
        house.journal.publish_now(&event).unwrap();
        assert_eq!(client.answer()["payload"].as_str().unwrap().len(), len);
    }
    // And from the application.
    let id = house.listener.connections()[0].info.id.clone();
    let body = vec![7; 1 << 20];
    house.listener.send(&id, &body, true).unwrap();
    assert!(client.hear_binary() == body);
}

#[test]
fn what_the_kernel_takes_only_in_part_is_written_though_nothing_follows() {
    // Less than a session takes at once: one of these ends where the kernel is full, and its rest is ciphertext.
    const BYTES: usize = 60_000;
    // Enough of them for a kernel's buffers (Linux: 4 MiB to send).
    const MOST: usize = 120;
    // Without pings, which would take along what was left.
    let house = House::with(ListenerOptions {
        heartbeat: Duration::from_secs(3_600),
        ..ListenerOptions::default()
    });
    for count in 1..=MOST {
        let tcp = house.knock();
        SockRef::from(&tcp).set_recv_buffer_size(256 << 10).unwrap();
        let stream = house.dial_with(house.trusting(), Wire::new(tcp));
        let target = format!("/?token={TOKEN}");
        let mut client = house.enter(stream, &target, &[]).unwrap();
        assert!(client.is_at_ease());
        let id = house.listener.connections()[0].info.id.clone();
        for number in 0..count {
            let body = vec![number as u8; BYTES];
            house.listener.send(&id, &body, true).unwrap();
        }
        // The kernel is full by then, or has taken all; on a slow machine this time the test sees less.
        std::thread::sleep(Duration::from_millis(10));
        for number in 0..count {
            assert!(client.hear_binary() == vec![number as u8; BYTES]);
        }
        drop(client);
        house.until("it is gone", |house| house.listener.connected() == 0);
    }
}
