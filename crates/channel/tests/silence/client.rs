//! A client of the listener: its connections, its HTTP calls, and what it gets in one word each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::Value;
use tungstenite::{Message, WebSocket};

use crate::support::{PATIENCE, TOKEN, receive_data};

pub(crate) struct Client(pub(crate) WebSocket<TcpStream>);

fn dial(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

impl Client {
    /// A connection of the sandbox's form.
    pub(crate) fn open(address: SocketAddr, flags: &str) -> Self {
        Self::admitted(address, &format!("?token={TOKEN}{flags}"))
    }

    /// A connection of the SDK's form.
    pub(crate) fn sdk(address: SocketAddr, flags: &str) -> Self {
        Self::admitted(address, &format!("ws/{TOKEN}{flags}"))
    }

    /// The handshake's answer comes before the connection has its place in the journal, and what is published in between is not
    /// for it: connected is who is listed.
    fn admitted(address: SocketAddr, target: &str) -> Self {
        let before = ids(address);
        let url = format!("ws://{address}/{target}");
        let client = Self(tungstenite::client(url, dial(address)).unwrap().0);
        let begun = Instant::now();
        while ids(address).iter().all(|id| before.contains(id)) {
            assert!(begun.elapsed() < PATIENCE, "never listed");
        }
        client
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    /// The next message, as JSON.
    pub(crate) fn next(&mut self) -> Value {
        let message = receive_data(&mut self.0);
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    /// The next message in a few words.
    pub(crate) fn word(&mut self) -> String {
        word(&self.next())
    }

    /// The next messages.
    pub(crate) fn words(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.word()).collect()
    }
}

/// A change is its path, a summary its count, and of other messages the type; behind `@` the number.
pub(crate) fn word(message: &Value) -> String {
    let data = &message["data"];
    let word = match message["type"].as_str().unwrap() {
        "file:changed" => data["path"].as_str().unwrap().to_owned(),
        "file:summary" => format!("{} held back", data["changed"]),
        "gap" => format!("gap {} to {}", data["from"], data["to"]),
        other => other.to_owned(),
    };
    match message.get("seq") {
        Some(seq) => format!("{word}@{seq}"),
        None => word,
    }
}

/// The answer of a call.
pub(crate) fn ask(address: SocketAddr, call: &str, headers: &str) -> String {
    let mut stream = dial(address);
    let request = format!(
        "{call} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\n{headers}\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Begins or ends the silent mode.
pub(crate) fn set_silent(address: SocketAddr, silent: bool) {
    let headers = if silent {
        "X-Notify-Type: silent\r\n"
    } else {
        ""
    };
    let answer = ask(address, "POST /ws/connect", headers);
    assert!(
        answer.ends_with(&format!(r#""silent":{silent}}}"#)),
        "{answer}"
    );
}

/// Whether each connection is silent, as the listener says it.
pub(crate) fn silent(address: SocketAddr) -> Vec<bool> {
    let rows = connections(address).into_iter();
    rows.map(|row| row["silent"].as_bool().unwrap()).collect()
}

fn ids(address: SocketAddr) -> Vec<Value> {
    let rows = connections(address).into_iter();
    rows.map(|row| row["id"].clone()).collect()
}

fn connections(address: SocketAddr) -> Vec<Value> {
    let answer = ask(address, "GET /ws/connections", "");
    let mut answer: Value = serde_json::from_str(&answer).unwrap();
    let Value::Array(rows) = answer["connections"].take() else {
        panic!("{answer}")
    };
    rows
}
