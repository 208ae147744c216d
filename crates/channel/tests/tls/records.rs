//! Records after the upgrade, valid and invalid ones.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use serde_json::json;
use tungstenite::Message;

use crate::setup::client::Client;
use crate::setup::record_writer::{ALERT, CONTENT, HANDSHAKE, RecordWriter};
use crate::setup::server::TlsServer;
use crate::support::TOKEN;

/// The errors of a reset.
const RESET: [ErrorKind; 2] = [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted];

/// Reads to the end. A reset counts as the end.
pub(crate) fn to_end(tcp: &mut TcpStream) -> Vec<u8> {
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match tcp.read(&mut buffer) {
            Ok(0) => return heard,
            Ok(read) => heard.extend_from_slice(&buffer[..read]),
            Err(error) if RESET.contains(&error.kind()) => return heard,
            Err(error) => panic!("no end: {error}"),
        }
    }
}

/// A masked text frame in a record, as a client's library encrypts it.
fn sealed(client: &mut Client, text: &str) -> Vec<u8> {
    let session = &mut client.socket.get_mut().conn;
    session
        .writer()
        .write_all(&RecordWriter::frame(text))
        .unwrap();
    let mut bytes = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut bytes).unwrap();
    }
    bytes
}

fn is_forgotten(server: &TlsServer) {
    server.until("it is gone", |server| server.listener.connected() == 0);
    assert!(server.open_client("").answers_ping());
    server.until("all are gone", |server| server.listener.connected() == 0);
    server.has_no_fault();
}

#[test]
fn broken_records_end_the_connection() {
    let server = TlsServer::start();
    let words: [&[u8]; 7] = [
        // Content that cannot be decrypted, an unknown type, no record at all.
        &[
            23, 3, 3, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
        &[99, 3, 3, 0, 1, 0],
        b"GET / HTTP/1.1\r\n\r\n",
        // Too long, shorter than its tag, an unencrypted alert, an unencrypted handshake.
        &[23, 3, 3, 0xff, 0xff],
        &[23, 3, 3, 0, 3, 1, 2, 3],
        &[21, 3, 3, 0, 2, 2, 40],
        &[22, 3, 3, 0, 4, 1, 0, 0, 0],
    ];
    for word in words {
        let mut client = server.open_client("");
        assert!(client.answers_ping());
        let tcp = &mut client.socket.get_mut().sock.tcp;
        tcp.write_all(word).unwrap();
        to_end(tcp);
        server.until("it is gone", |server| server.listener.connected() == 0);
    }
    is_forgotten(&server);
}

#[test]
fn a_record_with_one_wrong_bit_ends_the_connection() {
    let server = TlsServer::start();
    for bit in [0, 100, 200, 300] {
        let mut client = server.open_client("");
        let mut record = sealed(&mut client, "the record that has a wrong bit");
        record[5 + bit / 8] ^= 1 << (bit % 8);
        let tcp = &mut client.socket.get_mut().sock.tcp;
        tcp.write_all(&record).unwrap();
        to_end(tcp);
        server.until("it is gone", |server| server.listener.connected() == 0);
    }
    is_forgotten(&server);
}

#[test]
fn a_record_may_arrive_in_pieces_and_a_truncated_record_is_an_end() {
    let server = TlsServer::start();
    let mut client = server.open_client("");
    let record = sealed(&mut client, r#"{"type":"ping"}"#);
    for byte in &record {
        let tcp = &mut client.socket.get_mut().sock.tcp;
        tcp.write_all(&[*byte]).unwrap();
    }
    assert_eq!(client.answer()["type"], "pong");
    for len in 1..record.len() {
        let mut client = server.open_client("");
        let record = sealed(&mut client, r#"{"type":"ping"}"#);
        let tcp = &mut client.socket.get_mut().sock.tcp;
        tcp.write_all(&record[..len]).unwrap();
        tcp.shutdown(Shutdown::Write).unwrap();
        to_end(tcp);
    }
    drop(client);
    is_forgotten(&server);
}

#[test]
fn the_keys_may_change_at_any_time() {
    const BYTES: usize = 4 << 20;
    let server = TlsServer::start();
    let mut client = server.open_client("&binary=true");
    for _ in 0..50 {
        client.socket.get_mut().conn.refresh_traffic_keys().unwrap();
        assert!(client.answers_ping());
    }
    // In the middle of a stream, too: the answer to it stands between its records.
    let wanted = json!({"type": "test:stream", "data": {"bytes": BYTES}});
    client.send_text(wanted.to_string());
    let (mut bytes, mut pieces) = (0, 0);
    while bytes < BYTES {
        if let Message::Binary(piece) = client.socket.read().unwrap() {
            bytes += piece.len();
            pieces += 1;
            if pieces % 10 == 0 {
                client.socket.get_mut().conn.refresh_traffic_keys().unwrap();
                client
                    .socket
                    .send(Message::Pong(Vec::new().into()))
                    .unwrap();
            }
        }
    }
    assert_eq!(bytes, BYTES);
    assert!(client.answers_ping());
    server.has_no_fault();
}

#[test]
fn whoever_only_changes_keys_is_let_go() {
    let server = TlsServer::start();
    let mut client = server.open_client("");
    let stream = client.socket.get_mut();
    for _ in 0..1_000 {
        stream.conn.refresh_traffic_keys().unwrap();
        let mut bytes = Vec::new();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut bytes).unwrap();
        }
        if stream.sock.tcp.write_all(&bytes).is_err() {
            break;
        }
    }
    to_end(&mut stream.sock.tcp);
    is_forgotten(&server);
}

#[test]
fn empty_records_are_nothing_and_whoever_floods_with_them_is_let_go() {
    let server = TlsServer::start();
    let mut writer = RecordWriter::visit(&server);
    let mut other = server.open_client("");
    for _ in 0..50 {
        for padding in 0..20 {
            writer.send(CONTENT, b"", padding);
        }
        assert!(writer.answers_ping());
    }
    // Up to a whole record of nothing.
    writer.send(CONTENT, b"", 16_384);
    assert!(writer.answers_ping());
    let mut flood = Vec::new();
    for _ in 0..10_000 {
        flood.extend(writer.record(CONTENT, b"", 0));
    }
    // It is let go long before its end.
    let _ = writer.tcp.write_all(&flood);
    to_end(&mut writer.tcp);
    assert!(other.answers_ping());
    drop(other);
    is_forgotten(&server);
}

#[test]
fn well_sealed_nonsense_ends_the_connection() {
    let server = TlsServer::start();
    let nonsense: [(u8, &[u8], usize); 9] = [
        // No kind at all, an unknown one, a record that is too long.
        (0, b"", 0),
        (0, b"", 200),
        (99, b"hello", 0),
        (CONTENT, &[0; 16_385], 0),
        // A second hello, an invalid key update, a fatal alert, half an alert, an empty handshake.
        (HANDSHAKE, &[1, 0, 0, 4, 3, 3, 0, 0], 0),
        (HANDSHAKE, &[24, 0, 0, 1, 7], 0),
        (ALERT, &[2, 40], 0),
        (ALERT, &[2], 0),
        (HANDSHAKE, b"", 0),
    ];
    for (kind, body, padding) in nonsense {
        let mut writer = RecordWriter::visit(&server);
        assert!(writer.answers_ping());
        writer.send(kind, body, padding);
        // What follows is not read any more.
        let _ = writer.tcp.shutdown(Shutdown::Write);
        to_end(&mut writer.tcp);
        server.until("it is gone", |server| server.listener.connected() == 0);
    }
    is_forgotten(&server);
}

#[test]
fn a_client_that_ends_tls_without_a_close_frame_is_removed() {
    let server = TlsServer::start();
    let mut client = server.open_client("");
    assert!(client.answers_ping());
    let stream = client.socket.get_mut();
    stream.conn.send_close_notify();
    stream.conn.write_tls(&mut stream.sock).unwrap();
    // It is answered in kind: an end, not a cut.
    assert_eq!(stream.read(&mut [0; 64]).unwrap(), 0);
    is_forgotten(&server);
}

#[test]
fn a_handshake_may_arrive_in_single_bytes() {
    struct Drop(TcpStream);
    impl Write for Drop {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(&bytes[..1])
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let server = TlsServer::start();
    let mut stream = server.connect_tls();
    let mut drops = Drop(stream.sock.tcp.try_clone().unwrap());
    while stream.conn.is_handshaking() {
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut drops).unwrap();
        }
        if stream.conn.is_handshaking() {
            stream.conn.read_tls(&mut stream.sock).unwrap();
            stream.conn.process_new_packets().unwrap();
        }
    }
    let mut client = server
        .open_websocket(stream, &format!("/?token={TOKEN}"), &[])
        .unwrap();
    assert!(client.answers_ping());
}
