//! A client of a test server.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::{Value, json};
use tungstenite::{Error, Message, WebSocket};

use super::TIMEOUT;

pub(crate) const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// The output of a command, as a client received it.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) messages: Vec<Value>,
    /// The data of `terminal:exit`.
    pub(crate) exit: Value,
}

/// A client's end of a connection.
pub(crate) struct Client(pub(crate) WebSocket<TcpStream>);

impl Client {
    pub(crate) fn connect(address: SocketAddr, flags: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{address}/?token={TOKEN}{flags}");
        Self(tungstenite::client(url, stream).unwrap().0)
    }

    pub(crate) fn command(&mut self, name: &str, data: &Value) {
        let text = json!({"type": name, "data": data}).to_string();
        self.0.send(Message::text(text)).unwrap();
    }

    pub(crate) fn execute(&mut self, data: &Value) {
        self.command("terminal:execute", data);
    }

    /// Starts a command; the number of its standard input, for binary messages.
    pub(crate) fn start(&mut self, data: &Value) -> u32 {
        self.execute(data);
        let started = self.expect("terminal:started");
        u32::try_from(started["streams"]["stdin"].as_u64().unwrap()).unwrap()
    }

    /// The next text or binary message. Pings come for ever, so they do not prolong the wait.
    pub(crate) fn next(&mut self) -> Message {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            match self.0.read() {
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Text(text)) if text.contains(r#"{"type":"ping""#) => {}
                Ok(message) => return message,
                // A process that is stopped and continued: a read with a timeout is not begun again by the system.
                Err(Error::Io(error)) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("{error}"),
            }
            assert!(Instant::now() < deadline, "nothing but pings came");
        }
    }

    /// The next message, which must be text. Its size and its timestamp are checked.
    pub(crate) fn receive(&mut self) -> Value {
        match self.next() {
            Message::Text(text) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                let stamp = value["timestamp"].as_str().unwrap();
                assert!(stamp.len() == 24 && stamp.ends_with('Z'), "{stamp}");
                let of_file = value["type"].as_str().unwrap().starts_with("file:");
                assert!(text.len() <= if of_file { 256 << 10 } else { 64 << 10 });
                value
            }
            other => panic!("{other:?} instead of a text"),
        }
    }

    /// The data of the next message, which must be of that type.
    pub(crate) fn expect(&mut self, kind: &str) -> Value {
        let mut value = self.receive();
        assert_eq!(value["type"], kind, "{value}");
        value["data"].take()
    }

    /// The code of the error that answers a command.
    pub(crate) fn refused(&mut self, name: &str, data: &Value) -> String {
        self.command(name, data);
        let error = self.expect("error");
        assert_eq!(error["command"], name);
        error["code"].as_str().unwrap().to_owned()
    }

    /// Hears one terminal to its end. Offsets have to follow each other.
    pub(crate) fn receive_to_exit(&mut self) -> Output {
        let mut heard = Output::default();
        loop {
            let mut value = self.receive();
            let data = value["data"].take();
            if value["type"] == "terminal:exit" {
                heard.exit = data;
                return heard;
            }
            assert_eq!(value["type"], "terminal:output", "{value} {data}");
            let output = data["output"].as_str().unwrap();
            heard.text.push_str(output);
            match data["source"].as_str().unwrap() {
                "stdout" => heard.stdout.push_str(output),
                "stderr" => heard.stderr.push_str(output),
                other => panic!("{other}"),
            }
            heard.messages.push(data);
        }
    }

    /// Hears until the output so far holds `what`.
    pub(crate) fn receive_until(&mut self, what: &str) -> String {
        let mut text = String::new();
        while !text.contains(what) {
            let data = self.expect("terminal:output");
            text.push_str(data["output"].as_str().unwrap());
        }
        text
    }

    /// Runs a command to its end.
    pub(crate) fn run(&mut self, command: &str) -> Output {
        self.execute(&json!({"command": command}));
        self.receive_to_exit()
    }

    /// Whether the connection still answers, and sends nothing else first.
    pub(crate) fn answers_ping(&mut self) -> bool {
        self.0.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
        self.receive()["type"] == "pong"
    }

    /// Ends the connection without a close frame.
    pub(crate) fn disconnect(self) {
        let _ = self.0.get_ref().shutdown(std::net::Shutdown::Both);
    }
}
