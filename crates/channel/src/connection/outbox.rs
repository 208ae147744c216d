//! The outbox: whole frames for one connection alone.

use std::collections::VecDeque;

use crate::journal::SEGMENT_BYTES;

/// How much may wait in the outbox: replies to a client that sends commands and does not read, or messages of an
/// application that sends faster than the client reads.
const OUTBOX_BYTES: usize = 8 << 20;

/// Whole frames for this connection alone. They are written at frame boundaries, before further events.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Outbox {
    pub(super) fn push(&mut self, frame: Vec<u8>) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Takes the next frames, as many as fit into one batch.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.frames.pop_front()?;
        while self
            .frames
            .front()
            .is_some_and(|next| bytes.len() + next.len() <= SEGMENT_BYTES)
        {
            bytes.extend(self.frames.pop_front().unwrap_or_default());
        }
        if self.frames.is_empty() {
            // A connection that was greeted would keep the memory of the list for its whole life.
            self.frames = VecDeque::new();
        }
        self.bytes -= bytes.len();
        Some(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) const fn is_full(&self) -> bool {
        self.bytes > OUTBOX_BYTES
    }

    /// How many bytes wait.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}
