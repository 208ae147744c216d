//! A house that repeats what it hears: a listener whose application sends every message back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{
    Bounds, Callback, Delivery, InboxItem, Journal, Listener, ListenerOptions, SinkWaker, Token,
    bind,
};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// Within this, whatever has to come has come: the answer, the close frame, the end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

struct Doorbell(Notify);

impl SinkWaker for Doorbell {
    fn wake(&self, _woken: usize) {
        self.0.notify_one();
    }
}

/// A running listener.
pub(crate) struct House {
    pub(crate) listener: Arc<Listener>,
    runtime: Option<Runtime>,
}

impl House {
    /// A listener as it is by default.
    pub(crate) fn open() -> Self {
        Self::limited(ListenerOptions::default().max_message_bytes)
    }

    /// A listener that takes messages up to this size.
    pub(crate) fn limited(max_message_bytes: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let doorbell = Arc::new(Doorbell(Notify::new()));
        let callback = Callback::new(&journal, Arc::clone(&doorbell) as _, false);
        let options = ListenerOptions {
            delivery: Delivery::All,
            max_message_bytes,
            takes_messages: true,
            ..ListenerOptions::default()
        };
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            Some(Arc::clone(&callback)),
            Vec::new(),
            options,
        );
        let listener = listener.unwrap();
        runtime.spawn(repeat(Arc::clone(&listener), callback, doorbell));
        Self {
            listener,
            runtime: Some(runtime),
        }
    }

    /// A client that has shaken hands; `early` goes out with the request, before the answer is there.
    pub(crate) fn visit(&self, early: &[u8]) -> TcpStream {
        let address = self.listener.address();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET /ws/{TOKEN} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
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
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The application: as a host's thread does it, awake while there is something to take.
async fn repeat(listener: Arc<Listener>, callback: Arc<Callback>, doorbell: Arc<Doorbell>) {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    loop {
        callback.drain(&mut bytes, &mut ends);
        while let Some(letter) = callback.inbox().take() {
            if let InboxItem::Message { from, data, binary } = letter {
                // A client that has closed meanwhile hears nothing more.
                let _ = listener.send(&from.id, &data, binary);
            }
        }
        if callback.park() {
            doorbell.0.notified().await;
        }
    }
}
