//! A client that asks by HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use loopwire_channel::ListenerOptions;
use serde_json::Value;
use tungstenite::WebSocket;

use crate::support::{PATIENCE, TOKEN, TestServer};

/// The files of the page, and their media types.
pub(crate) const FILES: [(&str, &str); 4] = [
    ("/inspect", "text/html; charset=utf-8"),
    ("/inspect/inspector.js", "text/javascript; charset=utf-8"),
    ("/inspect/inspector.css", "text/css; charset=utf-8"),
    ("/inspect/terminal.js", "text/javascript; charset=utf-8"),
];

/// The header with the token.
pub(crate) fn bearer() -> String {
    format!("Authorization: Bearer {TOKEN}\r\n")
}

/// A server with the page.
pub(crate) fn inspected() -> TestServer {
    inspected_under(&[])
}

/// The same, which also takes these names as its Host.
pub(crate) fn inspected_under(names: &[&str]) -> TestServer {
    TestServer::start(
        ListenerOptions {
            inspector: true,
            allowed_hosts: names.iter().map(|&name| name.into()).collect(),
            ..ListenerOptions::default()
        },
        Vec::new(),
    )
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// All values of a header, as one list.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Asks at this address; `host` is the Host header.
pub(crate) fn ask_as(
    address: SocketAddr,
    host: &str,
    call: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let kind = match body {
        "" => "",
        _ => "Content-Type: application/json\r\n",
    };
    let request = format!(
        "{call} HTTP/1.1\r\nHost: {host}\r\n{headers}{kind}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(raw[..end].to_vec()).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: raw[end + 4..].to_vec(),
    }
}

pub(crate) fn ask(server: &TestServer, call: &str, headers: &str) -> Answer {
    let address = server.address();
    ask_as(address, &address.to_string(), call, headers, "")
}

/// The rows of `GET /ws/connections`.
pub(crate) fn rows(server: &TestServer) -> Vec<Value> {
    let answer = ask(server, "GET /ws/connections", &bearer());
    let Value::Array(rows) = answer.json()["connections"].take() else {
        panic!("{}", answer.text())
    };
    rows
}

/// Connects, and waits until the listener lists so many connections, each of which receives or waits for the slot.
pub(crate) fn connect(server: &TestServer, target: &str, count: usize) -> WebSocket<TcpStream> {
    let url = format!("ws://{}{target}", server.address());
    let (socket, _) = tungstenite::client(url, server.connect()).unwrap();
    server.until("it is listed", |server| {
        let placed = |row: &Value| row["slot"] == "standby" || !row["behind"].is_null();
        let rows = rows(server);
        rows.len() == count && rows.iter().all(placed)
    });
    socket
}
