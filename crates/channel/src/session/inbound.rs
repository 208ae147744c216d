//! The reading side of a connection: parses bytes into messages, and collects the parser's own answers.

use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use tungstenite::Message;
use tungstenite::error::{CapacityError, Error, ProtocolError};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

use super::meter::{FrameMeter, TooManyFrames};
use crate::connection::Connection;
use crate::wire::Close;

/// How much the parser reads at once. Reading is not the hot path, so a small buffer saves memory of idle connections.
const READ_BUFFER_BYTES: usize = 2 << 10;

/// What was received.
#[derive(Debug)]
pub(super) enum Received {
    /// A whole message.
    Message { data: Bytes, binary: bool },
    /// A ping or a pong.
    ControlFrame,
    /// The peer closes. The parser's answer is in `take_answers`.
    Closed(Close),
    /// The peer broke a rule of the protocol or a limit.
    Broken(Close),
    /// The socket has ended.
    Ended,
    /// Nothing more for now.
    Pending,
}

/// The parser over the connection's socket.
pub(super) struct Inbound {
    socket: WebSocket<ParserIo>,
    /// Whether the peer may still send.
    open: bool,
}

impl Inbound {
    pub(super) fn new(connection: &Arc<Connection>, leftover: Bytes, max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let io = ParserIo {
            connection: Arc::clone(connection),
            leftover,
            answers: Vec::new(),
            meter: FrameMeter::default(),
        };
        Self {
            socket: WebSocket::from_raw_socket(io, Role::Server, Some(config)),
            open: true,
        }
    }

    /// Whether the peer has neither closed nor disconnected.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Reads the next message. Never waits.
    pub(super) fn next(&mut self) -> Received {
        let received = self.read();
        self.open &= !matches!(received, Received::Ended | Received::Closed(_));
        received
    }

    fn read(&mut self) -> Received {
        match self.socket.read() {
            Ok(Message::Text(text)) => Received::Message {
                data: text.into(),
                binary: false,
            },
            Ok(Message::Binary(data)) => Received::Message { data, binary: true },
            Ok(Message::Close(frame)) => {
                let _ = self.socket.flush();
                Received::Closed(match frame {
                    Some(frame) => Close::new(frame.code.into(), frame.reason.as_str()),
                    // RFC 6455 section 7.1.5: a close frame without a code.
                    None => Close::new(1005, ""),
                })
            }
            Ok(_) => {
                let _ = self.socket.flush();
                Received::ControlFrame
            }
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Received::Pending,
            Err(Error::Io(error))
                if error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<TooManyFrames>()) =>
            {
                Received::Broken(Close::policy())
            }
            Err(Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                Received::Broken(Close::too_big())
            }
            Err(Error::Utf8(_)) => Received::Broken(Close::utf8()),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))
            | Err(Error::Io(_)) => Received::Ended,
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => Received::Ended,
            Err(_) => Received::Broken(Close::protocol()),
        }
    }

    /// Frames that the parser wants to send: pongs, the answer to a close.
    pub(super) fn take_answers(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.socket.get_mut().answers)
    }
}

/// The parser's input and output: it reads from the socket without waiting, and writes into `answers`.
struct ParserIo {
    connection: Arc<Connection>,
    /// Bytes after the handshake that the HTTP parser has read.
    leftover: Bytes,
    answers: Vec<u8>,
    meter: FrameMeter,
}

impl Read for ParserIo {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = if self.leftover.is_empty() {
            self.connection.socket().try_read(buffer)?
        } else {
            let taken = self
                .leftover
                .split_to(buffer.len().min(self.leftover.len()));
            buffer[..taken.len()].copy_from_slice(&taken);
            if self.leftover.is_empty() {
                // Even an empty slice would keep the buffer alive.
                self.leftover = Bytes::new();
            }
            taken.len()
        };
        self.meter.see(&buffer[..read]).map_err(io::Error::other)?;
        Ok(read)
    }
}

impl Write for ParserIo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answers.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
