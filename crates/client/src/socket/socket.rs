//! The handle of a socket: messages are taken from it and sent with it, and it is closed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tungstenite::Message;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::CloseFrame;

use crate::queue::BoundedQueue;
use crate::target::Target;
use crate::trust::{StartError, Trust};

use super::event::SocketEvent;
use super::run::{Outgoing, Run};

/// A WebSocket in a thread of its own. It starts no engine.
pub struct Socket {
    events: Arc<BoundedQueue<SocketEvent>>,
    outgoing: UnboundedSender<Outgoing>,
    buffered: Arc<AtomicUsize>,
    closing: CancellationToken,
    gone: CancellationToken,
    handle: Handle,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket(…)")
    }
}

impl Socket {
    /// Begins to connect, and asks for these subprotocols. Those that no header can hold are left out.
    ///
    /// # Errors
    /// If the trusted certificates or fingerprint are invalid. Other errors are told by the last event.
    pub fn open(target: Target, protocols: &[String]) -> Result<Self, StartError> {
        let trust = Trust::new(&target.trusted)?;
        let protocols = HeaderValue::try_from(protocols.join(", "))
            .unwrap_or_else(|_| HeaderValue::from_static(""));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (outgoing, receiver) = unbounded_channel();
        let socket = Self {
            events: Arc::default(),
            outgoing,
            buffered: Arc::default(),
            closing: CancellationToken::new(),
            gone: CancellationToken::new(),
            handle: runtime.handle().clone(),
        };
        let run = Run {
            target,
            trust,
            protocols,
            events: Arc::clone(&socket.events),
            outgoing: receiver,
            buffered: Arc::clone(&socket.buffered),
            closing: socket.closing.clone(),
            gone: socket.gone.clone(),
        };
        let events = Arc::clone(&socket.events);
        let gone = socket.gone.clone();
        thread::Builder::new()
            .name("loopwire-socket".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if let Err(error) = tokio::spawn(run.run().boxed()).await {
                        events.put(SocketEvent::Failed {
                            why: format!("the client failed: {error}"),
                            permanent: true,
                        });
                    }
                    // What was received can still be taken.
                    tokio::select! {
                        () = events.over() => {}
                        () = gone.cancelled() => {}
                    }
                });
            })?;
        Ok(socket)
    }

    /// Calls `give` with the next event in another thread. `give` is dropped without a call after the last event, and if
    /// the socket is dropped. Only one call at a time.
    pub fn take(&self, give: impl FnOnce(Option<SocketEvent>) + Send + 'static) {
        let events = Arc::clone(&self.events);
        self.handle
            .spawn(async move { give(events.take().await) }.boxed());
    }

    /// Sends a text message. Returns how many bytes wait to be written.
    pub fn send_text(&self, text: String) -> usize {
        self.send(Message::text(text))
    }

    /// Sends a binary message. Returns how many bytes wait to be written.
    pub fn send_binary(&self, bytes: Vec<u8>) -> usize {
        self.send(Message::binary(bytes))
    }

    fn send(&self, message: Message) -> usize {
        let bytes = message.len();
        let before = self.buffered.fetch_add(bytes, Ordering::Relaxed);
        // As in a browser, what is sent behind the end counts, and is dropped.
        let _ = self.outgoing.send(Outgoing::Message(message));
        before + bytes
    }

    /// How many bytes wait to be written.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffered.load(Ordering::Relaxed)
    }

    /// Closes the connection behind what was sent, with a code.
    pub fn close(&self, code: Option<u16>) {
        if self.closing.is_cancelled() {
            return;
        }
        let frame = code.map(|code| CloseFrame {
            code: code.into(),
            reason: "".into(),
        });
        let _ = self.outgoing.send(Outgoing::Close(frame));
        self.closing.cancel();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}
