//! The bytes of a batch of frames: memory that is cleared once, when it grows, and then written over and over again.

use std::ops::Deref;

use crate::journal::SEGMENT_BYTES;

/// How many bytes of frames are written with one system call. The frames of a segment are larger than its records: with room
/// for no more than a segment, each one would leave a few frames for a second call.
pub(crate) const BATCH_BYTES: usize = 2 * SEGMENT_BYTES;

/// The bytes of a batch of frames.
///
/// A `Vec` would look for room, and store its length, for each part of a frame; here that is done once for all of them.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    memory: Vec<u8>,
    used: usize,
}

impl Frames {
    pub(super) const fn clear(&mut self) {
        self.used = 0;
    }

    pub(super) const fn truncate(&mut self, len: usize) {
        if len < self.used {
            self.used = len;
        }
    }

    /// The memory behind what is there: at least so many bytes, of any contents.
    #[inline]
    pub(super) fn space(&mut self, bytes: usize) -> &mut [u8] {
        if self.memory.len() - self.used < bytes {
            self.grow(bytes);
        }
        &mut self.memory[self.used..]
    }

    /// So much of the space was written.
    #[inline]
    pub(super) fn add(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.memory.len() - self.used);
        self.used += bytes;
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        // Twice as much, but not beyond what a batch may need.
        let size = (self.used + bytes).max((2 * self.memory.len()).min(BATCH_BYTES));
        self.memory.resize(size, 0);
    }

    /// Takes the bytes out.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.memory);
        bytes.truncate(std::mem::take(&mut self.used));
        bytes
    }
}

impl Deref for Frames {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.memory[..self.used]
    }
}
