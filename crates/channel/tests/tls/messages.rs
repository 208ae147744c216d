//! Messages after the upgrade: nothing is lost or reordered, and the end is orderly.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use crate::setup::client::{EchoClient, read_to_close, read_to_end};
use crate::setup::server::TlsServer;
use crate::support::{PATIENCE, receive_data};
use loopwire_channel::{Event, ListenerOptions, Token, Topic};
use ring::digest::{Context, SHA256};
use socket2::SockRef;
use tungstenite::Message;

/// Bytes that repeat nowhere near.
fn noise(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..len).map(next).collect()
}

/// A client's frame, masked with zeros.
fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap();
    let mut bytes = vec![first, 0x80 | 126];
    bytes.extend(len.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(body);
    bytes
}

#[test]
fn messages_of_every_size_come_back_unchanged() {
    let server = TlsServer::echo();
    let mut client = server.open_echo_client();
    let edges = [
        0,
        1,
        125,
        126,
        16_383,
        16_384,
        16_385,
        65_535,
        65_536,
        65_537,
        1 << 20,
    ];
    for (seed, len) in (1..).zip(edges) {
        let body = noise(len, seed);
        client.send(Message::binary(body.clone())).unwrap();
        assert!(receive_data(&mut client) == Message::binary(body), "{len}");
    }
    client.close(None).unwrap();
    read_to_close(client);
}

#[test]
fn a_slow_reader_gets_every_byte_in_order() {
    let server = TlsServer::echo();
    let mut client = server.open_echo_client();
    // Little room between the two, so that writes end in the middle of records.
    SockRef::from(&client.get_ref().sock.tcp)
        .set_recv_buffer_size(64 << 10)
        .unwrap();
    let id = server.listener.connections()[0].info.id.clone();
    let (mut sent, mut heard) = (Context::new(&SHA256), Context::new(&SHA256));
    let total = 60;
    for seed in 1..=total {
        // Together less than what may wait for one connection.
        let body = noise(1_000 + 2_000 * seed as usize, seed);
        sent.update(&body);
        server.listener.send(&id, &body, true).unwrap();
    }
    for at in 0..total {
        if at % 8 == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let Message::Binary(body) = receive_data(&mut client) else {
            panic!("not what was sent");
        };
        heard.update(&body);
    }
    assert_eq!(sent.finish().as_ref(), heard.finish().as_ref());
    // The last byte arrived without anything after it; so does the end.
    server.listener.disconnect(&id);
    assert_eq!(read_to_close(client), Some(4001));
}

#[test]
fn a_burst_of_events_arrives_whole_while_messages_go_both_ways() {
    let server = TlsServer::echo();
    let mut client =
        server.open_echo_client_at(&format!("/ws?token={}&v=1", crate::support::TOKEN));
    let journal = server.journal.clone();
    let total = 20_000;
    let publisher = std::thread::spawn(move || {
        let text = "x".repeat(200);
        for _ in 0..total {
            let event = Event::payload(Topic::APP, "burst", &text);
            journal.publish_now(&event).unwrap();
        }
    });
    let (mut events, mut echoes, mut last) = (0, 0, 0);
    for _ in 0..20 {
        client.send(Message::text("between")).unwrap();
    }
    while events < total || echoes < 20 {
        let text = receive_data(&mut client).into_text().unwrap();
        if text.as_str() == "between" {
            echoes += 1;
            continue;
        }
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        if value["type"] == "burst" {
            let seq = value["seq"].as_u64().unwrap();
            assert!(seq > last);
            last = seq;
            events += 1;
        }
    }
    publisher.join().unwrap();
    assert_eq!(events, total);
}

#[test]
fn single_events_reach_a_client_that_sends_nothing() {
    let server = TlsServer::echo();
    let mut client = server.open_echo_client();
    for at in 0..100 {
        let event = Event::payload(Topic::APP, "lone", &at.to_string());
        server.journal.publish_now(&event).unwrap();
        let expected = format!(r#"{{"type":"lone","payload":"{at}"}}"#);
        assert_eq!(receive_data(&mut client), Message::text(expected));
    }
}

#[test]
fn a_record_may_arrive_in_pieces_and_keys_may_change() {
    let server = TlsServer::echo();
    let mut client = server.open_echo_client();
    let stream = client.get_mut();
    let body = noise(3_000, 5);
    for round in 0..6 {
        stream.conn.writer().write_all(&frame(0x82, &body)).unwrap();
        let mut record = Vec::new();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut record).unwrap();
        }
        let at = [1, 4, 5, 6, record.len() / 2, record.len() - 1][round];
        stream.sock.write_all(&record[..at]).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        stream.sock.write_all(&record[at..]).unwrap();
        // TLS 1.3 lets each side go on with another key; the other side answers with its own.
        stream.conn.refresh_traffic_keys().unwrap();
        let mut back = vec![0; body.len() + 4];
        stream.read_exact(&mut back).unwrap();
        assert!(back[4..] == body, "cut at {at}");
    }
    client.close(None).unwrap();
    read_to_close(client);
}

#[test]
fn a_truncated_or_forged_record_ends_only_its_connection() {
    let server = TlsServer::echo();
    let mut other = server.open_echo_client();
    for forged in [false, true] {
        let mut client = server.open_echo_client();
        let stream = client.get_mut();
        stream
            .conn
            .writer()
            .write_all(&frame(0x82, &noise(3_000, 9)))
            .unwrap();
        let mut record = Vec::new();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut record).unwrap();
        }
        if forged {
            let middle = record.len() / 2;
            record[middle] ^= 1;
            stream.sock.write_all(&record).unwrap();
        } else {
            stream.sock.write_all(&record[..record.len() / 2]).unwrap();
            stream.sock.tcp.shutdown(Shutdown::Write).unwrap();
        }
        read_to_end(stream.sock.tcp.try_clone().unwrap());
        server.until("it is gone", |server| server.listener.connected() == 1);
    }
    other.send(Message::text("still here")).unwrap();
    assert_eq!(receive_data(&mut other), Message::text("still here"));
}

#[test]
fn a_client_may_send_its_first_message_with_the_request() {
    let server = TlsServer::echo();
    let address = server.listener.address();
    let mut stream = server.connect_tls();
    let request = format!(
        "GET /ws/{} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        crate::support::TOKEN
    );
    let body = noise(3_000, 3);
    // In one record with the request, and in records of their own right behind.
    let mut early = request.into_bytes();
    early.extend(frame(0x82, &body));
    stream.write_all(&early).unwrap();
    stream.write_all(&frame(0x82, &body)).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    for _ in 0..2 {
        let mut back = vec![0; body.len() + 4];
        stream.read_exact(&mut back).unwrap();
        assert!(back[4..] == body);
    }
}

#[test]
fn every_close_ends_tls_with_a_close_notify() {
    let server = TlsServer::echo();
    let close = |client: EchoClient, code| assert_eq!(read_to_close(client), Some(code));
    let client = server.open_echo_client();
    let id = server.listener.connections()[0].info.id.clone();
    server.listener.disconnect(&id);
    close(client, 4001);
    let client = server.open_echo_client();
    server
        .listener
        .rotate_token(Token::parse("another_token_of_the_tests").unwrap());
    close(client, 4003);
    let mut client = server.open_echo_client_at("/ws/another_token_of_the_tests");
    client
        .get_mut()
        .write_all(&[0xff, 0x80, 0, 0, 0, 0])
        .unwrap();
    close(client, 1002);
    let client = server.open_echo_client_at("/ws/another_token_of_the_tests");
    let listener = server.listener.clone();
    let runtime = server.runtime.as_ref().unwrap();
    let closing = runtime.spawn(async move { listener.close().await });
    close(client, 1001);
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, closing).await })
        .unwrap()
        .unwrap();
}

#[test]
fn a_heartbeat_ends_only_a_client_that_does_not_answer() {
    let server = TlsServer::echo_with(ListenerOptions {
        heartbeat: Duration::from_millis(300),
        ..ListenerOptions::default()
    });
    let mut client = server.open_echo_client();
    // Reading answers pings; a second and more of nothing else.
    for _ in 0..4 {
        loop {
            if let Message::Ping(_) = client.read().unwrap() {
                break;
            }
        }
    }
    client.flush().unwrap();
    assert_eq!(server.listener.connected(), 1);
    // From here on the client reads nothing.
    server.until("it is given up", |server| server.listener.connected() == 0);
}

#[test]
fn a_client_that_reads_nothing_is_disconnected() {
    let server = TlsServer::echo_with(ListenerOptions {
        stall: Duration::from_millis(500),
        ..ListenerOptions::default()
    });
    let client = server.open_echo_client();
    let id = server.listener.connections()[0].info.id.clone();
    let body = noise(1 << 20, 1);
    // More than the kernel keeps for it.
    while server.listener.send(&id, &body, true).is_ok() {}
    server.until("it is given up", |server| server.listener.connected() == 0);
    drop(client);
}
