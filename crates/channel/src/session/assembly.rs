//! A message on its way in: the bodies of its frames so far.

use std::io;

use bytes::Bytes;

use super::header::{Header, Kind, unmask};
use crate::wire::Close;

/// What a frame costs besides its bytes: reading its header takes about as long as unmasking this many bytes, twice.
const FRAME_COST: usize = 16;

/// The frames of a message may cost twice what the largest message holds, so that any message may come in pieces of 16
/// bytes, and one in single bytes of which there are not too many. The number of frames is not bounded as such: a raised
/// `maxMessageBytes` raises it.
const COST_OF_BYTES: usize = 2;

/// The most empty frames of one message. They bring it no nearer to its end.
const MAX_EMPTY_FRAMES: u32 = 4_096;

/// How much of a large body is read with one system call.
const READ_BYTES: usize = 64 << 10;

/// A message that has been begun.
#[derive(Debug)]
pub(super) struct Assembly {
    pub(super) binary: bool,
    bytes: Vec<u8>,
    /// How many of the bytes are known to be UTF-8.
    checked: usize,
    empty_frames: u32,
    cost: usize,
}

impl Assembly {
    pub(super) const fn new(binary: bool) -> Self {
        Self {
            binary,
            bytes: Vec::new(),
            checked: 0,
            empty_frames: 0,
            cost: 0,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A frame of the message begins.
    pub(super) fn begin(&mut self, header: &Header, max: usize) -> Result<(), Close> {
        if self.bytes.len() + header.len > max {
            return Err(Close::too_big());
        }
        self.cost = self.cost.saturating_add(FRAME_COST + header.len);
        if header.len == 0 && !header.last {
            self.empty_frames += 1;
        }
        let most = max.saturating_mul(COST_OF_BYTES);
        let most = most.saturating_add(MAX_EMPTY_FRAMES as usize * FRAME_COST);
        if self.empty_frames > MAX_EMPTY_FRAMES || (!header.last && self.cost > most) {
            return Err(Close::policy());
        }
        Ok(())
    }

    /// Adds masked bytes of a frame. `body` says which part of its body they are.
    pub(super) fn append(&mut self, masked: &[u8], body: &Body, max: usize) -> Result<(), Close> {
        self.reserve(masked.len(), body, max);
        let from = self.bytes.len();
        self.bytes.extend_from_slice(masked);
        self.added(from, body)
    }

    /// Reads a part of a large body without another copy. Returns how many bytes.
    pub(super) fn read(
        &mut self,
        body: &Body,
        max: usize,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<(usize, Result<(), Close>)> {
        let from = self.bytes.len();
        let most = Self::reads(body);
        self.reserve(most, body, max);
        self.bytes.resize(from + most, 0);
        let result = read(&mut self.bytes[from..]);
        self.bytes
            .truncate(from + result.as_ref().copied().unwrap_or_default());
        let read = result?;
        Ok((read, self.added(from, body)))
    }

    /// How many bytes [`Assembly::read`] reads at most.
    pub(super) fn reads(body: &Body) -> usize {
        body.left.min(READ_BYTES)
    }

    /// The message is whole.
    pub(super) fn finish(self) -> Result<Bytes, Close> {
        if !self.binary && self.checked < self.bytes.len() {
            return Err(Close::utf8());
        }
        Ok(self.bytes.into())
    }

    fn added(&mut self, from: usize, body: &Body) -> Result<(), Close> {
        unmask(&mut self.bytes[from..], body.header.mask, body.at());
        if self.binary {
            return Ok(());
        }
        // At once: whoever sends something else is told before the message has ended.
        match std::str::from_utf8(&self.bytes[self.checked..]) {
            Ok(_) => self.checked = self.bytes.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(Close::utf8()),
        }
        Ok(())
    }

    /// Makes room as the bytes arrive: an announced length costs nothing. Never more than the message can become.
    fn reserve(&mut self, more: usize, body: &Body, max: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let whole = if body.header.last {
                self.bytes.len() + body.left
            } else {
                max
            };
            let capacity = needed.max(2 * self.bytes.capacity()).min(whole.max(needed));
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
    }
}

/// The body of the frame that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) header: Header,
    /// How many bytes of it are missing.
    pub(super) left: usize,
}

impl Body {
    pub(super) const fn of(header: Header) -> Self {
        Self {
            header,
            left: header.len,
        }
    }

    pub(super) const fn is_control(&self) -> bool {
        self.header.kind.is_control()
    }

    /// Whether it is the first frame of a message.
    pub(super) const fn is_first(&self) -> bool {
        !matches!(self.header.kind, Kind::Continuation)
    }

    const fn at(&self) -> usize {
        self.header.len - self.left
    }
}
