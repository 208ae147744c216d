//! A feed: a connection's place in the journal.

use std::sync::Arc;

use crate::journal::Segment;

/// Where a connection's events come from.
#[derive(Debug)]
pub(crate) struct Feed {
    /// The number of the next event.
    pub(crate) next: u64,
    /// Where the slot stands; a resumed connection may still be behind it, on its own account.
    slot: u64,
    /// The segment that `next` is in, while it is being read.
    pub(super) piece: Option<Arc<Segment>>,
}

impl Feed {
    pub(crate) const fn new(next: u64, slot: u64) -> Self {
        Self {
            next,
            slot,
            piece: None,
        }
    }

    /// What goes back to the slot.
    pub(crate) fn slot_place(&self) -> u64 {
        self.next.max(self.slot)
    }
}
