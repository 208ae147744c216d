//! The WebSocket of the command line's client.

use loopwire_client::{Socket, SocketEvent};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::target::{ListenerTarget, unstarted};
use crate::node::{Answer, throwing};

/// The next thing that happens on a socket. `code` is set when an open connection has ended, `failed` when there was none.
#[napi(object, object_from_js = false)]
pub struct NativeSocketEvent {
    /// The connection is open: the subprotocol that the server has selected, or an empty string.
    pub protocol: Option<String>,
    /// A text message.
    pub text: Option<String>,
    /// A binary message.
    pub binary: Option<Buffer>,
    /// The code with which the connection was closed.
    pub code: Option<u16>,
    /// Why there was no connection, or how it was lost; a sentence.
    pub failed: Option<String>,
    /// Whether another attempt would end in the same way.
    pub permanent: Option<bool>,
}

/// A WebSocket of the command line: with the token in a header, and with its own choice of whom to trust.
#[napi]
pub struct NativeSocket {
    socket: Socket,
}

#[napi]
impl NativeSocket {
    /// Begins to connect, and asks for these subprotocols. Throws if `ca` or `fingerprint` cannot be read.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, target: ListenerTarget, protocols: Vec<String>) -> Result<Self> {
        let socket = Socket::open(target.into(), &protocols).map_err(|error| unstarted(&error));
        Ok(Self {
            socket: throwing(&env, socket)?,
        })
    }

    /// A Promise of the next event. What is not taken is not read, beyond one megabyte. Not to be called after the end.
    #[napi(catch_unwind, ts_return_type = "Promise<NativeSocketEvent | null>")]
    pub fn next<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (answer, promise) = Answer::promise(env, |_| Ok(None))?;
        self.socket
            .take(move |event| answer.give(move |_| Ok(event.map(NativeSocketEvent::from))));
        Ok(promise)
    }

    /// Sends a text message; returns how many bytes wait to be written.
    #[napi(catch_unwind)]
    pub fn send_text(&self, text: String) -> f64 {
        count(self.socket.send_text(text))
    }

    /// Sends a binary message; returns how many bytes wait to be written.
    #[napi(catch_unwind)]
    pub fn send_binary(&self, bytes: Uint8Array) -> f64 {
        count(self.socket.send_binary(bytes.to_vec()))
    }

    /// How many bytes wait to be written.
    #[napi(catch_unwind)]
    pub fn buffered(&self) -> f64 {
        count(self.socket.buffered())
    }

    /// Closes the connection, behind everything that was sent.
    #[napi(catch_unwind)]
    pub fn close(&self, code: Option<u16>) {
        self.socket.close(code);
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes in memory lie below 2^53")]
const fn count(bytes: usize) -> f64 {
    bytes as f64
}

impl From<SocketEvent> for NativeSocketEvent {
    fn from(event: SocketEvent) -> Self {
        let mut given = Self {
            protocol: None,
            text: None,
            binary: None,
            code: None,
            failed: None,
            permanent: None,
        };
        match event {
            SocketEvent::Open(protocol) => given.protocol = Some(protocol.unwrap_or_default()),
            SocketEvent::Text(text) => given.text = Some(text),
            SocketEvent::Binary(bytes) => given.binary = Some(bytes.into()),
            SocketEvent::Closed { code, why } => {
                given.code = Some(code);
                given.failed = why;
            }
            SocketEvent::Failed { why, permanent } => {
                given.failed = Some(why);
                given.permanent = Some(permanent);
            }
        }
        given
    }
}
