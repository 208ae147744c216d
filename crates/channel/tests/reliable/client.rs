//! A client that numbers its messages, and what an application has got of them.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use loopwire_channel::{Callback, InboxItem};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::support::{PATIENCE, TOKEN, TestServer, receive_data};

/// An id as clients choose them.
pub(crate) const ID: &str = "0123456789abcdefABCDEF";

pub(crate) struct Client {
    socket: WebSocket<TcpStream>,
    pub(crate) hello: Value,
}

impl Client {
    pub(crate) fn connect(server: &TestServer, id: &str) -> Self {
        Self::with_flags(server, &format!("v=1&client={id}"))
    }

    pub(crate) fn with_flags(server: &TestServer, flags: &str) -> Self {
        let url = format!("ws://{}/?token={TOKEN}&{flags}", server.address());
        let (socket, _) = tungstenite::client(url, server.connect()).unwrap();
        let mut client = Self {
            socket,
            hello: Value::Null,
        };
        client.hello = client.next();
        assert_eq!(client.hello["type"], "hello");
        client
    }

    /// What `hello` said of the client's messages.
    pub(crate) fn taken(&self) -> Option<u64> {
        self.hello["data"].get("taken")?.as_u64()
    }

    /// The memory that knows it.
    pub(crate) fn memory(&self) -> String {
        self.hello["data"]["memory"].to_string()
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).unwrap();
    }

    pub(crate) fn reliable(&mut self, n: u64, message: &Value) {
        self.text(envelope(n, message));
    }

    pub(crate) fn next_text(&mut self) -> String {
        match receive_data(&mut self.socket) {
            Message::Text(text) => text.to_string(),
            other => panic!("{other:?} instead of a text"),
        }
    }

    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_text()).unwrap()
    }

    /// The next message is the acknowledgement of this one.
    pub(crate) fn acknowledged(&mut self, n: u64) {
        assert_eq!(
            self.next_text(),
            format!(r#"{{"type":"ack","data":{{"n":{n}}}}}"#)
        );
    }

    /// Ends without a word, as a cut does. What it has sent stays in the kernel for the server.
    pub(crate) fn cut(mut self) -> TcpStream {
        self.socket.flush().unwrap();
        self.socket.get_ref().try_clone().unwrap()
    }
}

pub(crate) fn envelope(n: u64, message: &Value) -> String {
    json!({"type": "reliable", "data": {"n": n, "message": message}}).to_string()
}

/// The next message that the application gets.
pub(crate) fn next(callback: &Callback) -> String {
    let start = Instant::now();
    loop {
        match callback.inbox().take() {
            Some(InboxItem::Message { data, .. }) => {
                return String::from_utf8(data.to_vec()).unwrap();
            }
            Some(_) => {}
            None => {
                assert!(start.elapsed() < PATIENCE, "no message comes");
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Whether the application has got nothing more.
pub(crate) fn nothing_more(callback: &Callback) -> bool {
    std::iter::from_fn(|| callback.inbox().take())
        .all(|item| !matches!(item, InboxItem::Message { .. }))
}
