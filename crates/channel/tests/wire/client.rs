//! A client that writes raw frames.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use loopwire_channel::ListenerOptions;

use crate::support::{TOKEN, TestServer};

/// Within this time, everything that the server sends has arrived: the answer, the close frame, the end.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(2);

/// A server that sends every message back.
pub(crate) fn start_server() -> TestServer {
    TestServer::echo(ListenerOptions::default())
}

/// A server that accepts messages up to this size.
pub(crate) fn start_limited_server(max_message_bytes: usize) -> TestServer {
    TestServer::echo(ListenerOptions {
        max_message_bytes,
        ..ListenerOptions::default()
    })
}

/// Opens a WebSocket. `early` is sent together with the request.
pub(crate) fn open_websocket(server: &TestServer, early: &[u8]) -> TcpStream {
    open_websocket_at(server, &format!("/ws/{TOKEN}"), early)
}

/// The same with another request target.
pub(crate) fn open_websocket_at(server: &TestServer, target: &str, early: &[u8]) -> TcpStream {
    open_websocket_to(server.address(), target, early)
}

/// The same of any server.
pub(crate) fn open_websocket_to(address: SocketAddr, target: &str, early: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(ANSWER_TIME)).unwrap();
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream
        .write_all(&[request.as_bytes(), early].concat())
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    stream
}
