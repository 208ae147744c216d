//! An entry of a segment's index: where one record ends, and where its detail twin starts.

use crate::event::Topic;

/// Where one record ends, and where its detail twin starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) end: u32,
    pub(super) detail_start: u32,
    pub(super) topic: Topic,
}

impl Entry {
    /// The entry of a record of `len` bytes from `start` on, of which the first `json_len` are its JSON.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a segment is never larger than MAX_EVENT_BYTES"
    )]
    pub(super) const fn new(start: usize, json_len: usize, len: usize, topic: Topic) -> Self {
        Self {
            end: (start + len) as u32,
            detail_start: (start + json_len) as u32,
            topic,
        }
    }

    #[inline]
    pub(super) const fn detail_bytes(&self) -> usize {
        (self.end - self.detail_start) as usize
    }
}
