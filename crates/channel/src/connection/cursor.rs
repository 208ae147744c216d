//! A cursor: a connection's place in the journal.

use std::sync::Arc;

use crate::journal::Segment;

/// Where a connection's events come from.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The number of the next event.
    pub(crate) next: u64,
    /// Where the slot stands; a resumed connection may still be behind it, on its own account.
    slot: u64,
    /// The segment that `next` is in, while it is being read.
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

    /// What goes back to the slot.
    pub(crate) fn slot_position(&self) -> u64 {
        self.next.max(self.slot)
    }
}
