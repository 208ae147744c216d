//! A cursor: the position of a connection in the journal.

use std::sync::Arc;

use crate::journal::Segment;

/// The position of a connection in the journal.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The number of the next event.
    pub(crate) next: u64,
    /// The position of the slot. A connection that resumes may read earlier events as well.
    slot: u64,
    /// The segment that contains `next`, while it is being read.
    pub(super) segment: Option<Arc<Segment>>,
}

impl Cursor {
    pub(crate) const fn new(next: u64, slot: u64) -> Self {
        Self {
            next,
            slot,
            segment: None,
        }
    }

    /// The position that the slot gets back.
    pub(crate) fn slot_position(&self) -> u64 {
        self.next.max(self.slot)
    }
}
