//! The reading side of a connection: parses bytes into messages (RFC 6455).
//!
//! It is our own parser because of what it must not do: read more of a large message than there is room for, hold what
//! was only announced, and read text to its end before it says that it is none.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::assembly::{Assembly, Body};
use super::buffer::{BUFFER_BYTES, ReadBuffer};
use super::control::{ControlCount, read_close};
use super::header::{Header, Kind, unmask};
use crate::callback::Share;
use crate::command::{BEGIN_BYTES, Dispatcher};
use crate::connection::Connection;
use crate::wire::{Close, Opcode, frame};

/// How many bytes are read before the task yields, if no message ends before.
const BYTES_PER_TURN: usize = 1 << 20;

/// How many frames are read before the task yields, if no message ends before.
const FRAMES_PER_TURN: usize = 4_096;

/// What was received.
#[derive(Debug)]
pub(super) enum Received {
    /// A whole message.
    Message { data: Bytes, binary: bool },
    /// A ping, and the frame that answers it.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// The peer closes, and the frame that answers it.
    Closed(Close, Vec<u8>),
    /// The peer broke a rule of the protocol or a limit.
    Broken(Close),
    /// The socket has ended.
    Ended,
    /// Nothing more for now.
    Pending,
    /// There may be more; the task has to yield.
    Again,
    /// A large message is on its way, and there is no room for it: see [`Inbound::room`].
    NoRoom,
}

/// Why nothing was read.
enum Stop {
    With(Received),
    Close(Close),
}

impl From<Close> for Stop {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::With(match error.kind() {
            io::ErrorKind::WouldBlock => Received::Pending,
            _ => Received::Ended,
        })
    }
}

/// The parser over the connection's socket.
pub(super) struct Inbound {
    connection: Arc<Connection>,
    /// Bytes after the handshake that the HTTP parser has read.
    leftover: Bytes,
    buffer: ReadBuffer,
    /// The frame whose body is being read.
    body: Option<Body>,
    message: Option<Assembly>,
    max_message: usize,
    controls: ControlCount,
    /// What large messages hold of the memory of all connections. `None` if the application takes no messages.
    share: Option<Share>,
    /// Whether the client numbers its messages.
    numbers: bool,
    /// Whether the message that is being read is for an engine, which takes it at once.
    exempt: Option<bool>,
    /// Whether anything has come since [`Inbound::take_heard`].
    heard: bool,
    /// Whether the peer may still send.
    open: bool,
}

impl Inbound {
    pub(super) fn new(
        connection: &Arc<Connection>,
        leftover: Bytes,
        max_message: usize,
        share: Option<Share>,
        numbers: bool,
    ) -> Self {
        Self {
            connection: Arc::clone(connection),
            leftover,
            buffer: ReadBuffer::default(),
            body: None,
            message: None,
            max_message,
            controls: ControlCount::default(),
            share,
            numbers,
            exempt: None,
            heard: false,
            open: true,
        }
    }

    /// Whether the peer has neither closed nor disconnected.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Reads the next message. Never waits.
    pub(super) fn next(&mut self, dispatcher: &Dispatcher) -> Received {
        let received = match self.read(dispatcher) {
            Ok(received) | Err(Stop::With(received)) => received,
            Err(Stop::Close(close)) => Received::Broken(close),
        };
        self.buffer.release();
        self.open &= !matches!(received, Received::Ended | Received::Closed(..));
        received
    }

    /// Waits until there may be room for the large message that is on its way.
    pub(super) async fn room(&mut self) {
        let wanted = self.wanted();
        if let Some(share) = &mut self.share {
            share.room(wanted).await;
        }
    }

    /// When the message that is on its way must be whole, because others wait for room.
    pub(super) fn turn_ends(&self) -> Option<Instant> {
        self.share.as_ref().and_then(Share::turn_ends)
    }

    pub(super) fn end_turn(&mut self) {
        if let Some(share) = &mut self.share {
            share.end_turn();
        }
    }

    /// Whether the peer has sent anything since the last call.
    pub(super) fn take_heard(&mut self) -> bool {
        std::mem::take(&mut self.heard)
    }

    /// Nothing that comes from now on is for the application.
    pub(super) fn stop_sharing(&mut self) {
        self.share = None;
    }

    /// The last message has been passed on.
    pub(super) fn passed_on(&mut self) {
        if let Some(share) = &mut self.share {
            share.release();
        }
    }

    fn read(&mut self, dispatcher: &Dispatcher) -> Result<Received, Stop> {
        let (mut bytes, mut frames) = (0, 0);
        loop {
            let Some(body) = &self.body else {
                self.read_header()?;
                frames += 1;
                continue;
            };
            if body.is_control() {
                if let Some(received) = self.read_control()? {
                    return Ok(received);
                }
                continue;
            }
            if body.left > 0 {
                bytes += self.read_body(dispatcher)?;
            } else {
                let last = body.header.last;
                self.body = None;
                if last && let Some(message) = self.message.take() {
                    self.exempt = None;
                    let binary = message.binary;
                    let data = message.finish()?;
                    return Ok(Received::Message { data, binary });
                }
            }
            if bytes > BYTES_PER_TURN || frames > FRAMES_PER_TURN {
                return Ok(Received::Again);
            }
        }
    }

    /// Reads the header of the next frame, and whether it may come now.
    fn read_header(&mut self) -> Result<(), Stop> {
        let (header, used) = loop {
            match Header::read(self.buffer.unread(), self.max_message)? {
                Some(read) => break read,
                None => self.fill()?,
            }
        };
        self.buffer.take(used);
        if header.kind.is_control() {
            self.controls.add(Instant::now())?;
        } else {
            let body = Body::of(header);
            if body.is_first() == self.message.is_some() {
                return Err(Close::protocol().into());
            }
            let binary = header.kind == Kind::Binary;
            let message = self.message.get_or_insert(Assembly::new(binary));
            message.begin(&header, self.max_message)?;
        }
        self.body = Some(Body::of(header));
        Ok(())
    }

    /// Reads a control frame. It may come inside of a message.
    fn read_control(&mut self) -> Result<Option<Received>, Stop> {
        let Some(body) = self.body else {
            return Ok(None);
        };
        while self.buffer.unread().len() < body.left {
            self.fill()?;
        }
        let mut bytes = self.buffer.take(body.left).to_vec();
        self.body = None;
        unmask(&mut bytes, body.header.mask, 0);
        Ok(Some(match body.header.kind {
            Kind::Ping => Received::Ping(frame::frame(Opcode::Pong, &bytes)),
            Kind::Close => {
                let close = read_close(&bytes)?;
                Received::Closed(close, frame::frame(Opcode::Close, &bytes))
            }
            _ => Received::Pong,
        }))
    }

    /// Reads a part of the body of a data frame. Returns how many bytes.
    fn read_body(&mut self, dispatcher: &Dispatcher) -> Result<usize, Stop> {
        // Its beginning says whose message it is, and comes into the small buffer.
        let begun = (self.message.as_ref()).is_some_and(|one| one.bytes().len() >= BEGIN_BYTES);
        if begun && self.buffer.is_empty() && self.has_no_room(dispatcher) {
            return Err(Stop::With(Received::NoRoom));
        }
        let left = self.body.map_or(0, |body| body.left);
        let direct = begun && left >= BUFFER_BYTES && self.leftover.is_empty();
        if self.buffer.is_empty() && !direct {
            self.fill()?;
        }
        let (Some(body), Some(message)) = (&mut self.body, &mut self.message) else {
            return Ok(0);
        };
        let read = if !self.buffer.is_empty() {
            let read = self.buffer.unread().len().min(body.left);
            message.append(self.buffer.take(read), body, self.max_message)?;
            read
        } else {
            let socket = self.connection.socket();
            let (read, result) =
                message.read(body, self.max_message, |room| socket.try_read(room))?;
            if read == 0 {
                return Err(Stop::With(Received::Ended));
            }
            self.heard = true;
            result?;
            read
        };
        body.left -= read;
        Ok(read)
    }

    /// Whether the next read could make the message too large for the memory that all connections have in common.
    fn has_no_room(&mut self, dispatcher: &Dispatcher) -> bool {
        let wanted = self.wanted();
        let (Some(share), Some(message)) = (&mut self.share, &self.message) else {
            return false;
        };
        if self.exempt == Some(true) || share.grow_to(wanted) {
            return false;
        }
        let exempt = dispatcher.may_take(message.bytes(), message.binary, self.numbers);
        self.exempt = Some(exempt);
        !exempt
    }

    /// How large the message may become with the next read.
    fn wanted(&self) -> usize {
        let have = self.message.as_ref().map_or(0, |one| one.bytes().len());
        have + self.body.as_ref().map_or(0, Assembly::reads)
    }

    /// Reads more into the buffer.
    fn fill(&mut self) -> Result<(), Stop> {
        let (socket, leftover) = (self.connection.socket(), &mut self.leftover);
        let read = self.buffer.fill(|room| {
            if leftover.is_empty() {
                return socket.try_read(room);
            }
            let taken = leftover.split_to(room.len().min(leftover.len()));
            room[..taken.len()].copy_from_slice(&taken);
            if leftover.is_empty() {
                // Even an empty slice would keep the buffer alive.
                *leftover = Bytes::new();
            }
            Ok(taken.len())
        })?;
        if read == 0 {
            return Err(Stop::With(Received::Ended));
        }
        self.heard = true;
        Ok(())
    }
}
