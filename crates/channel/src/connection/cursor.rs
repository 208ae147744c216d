//! A cursor: the position of a connection in the journal.

use crate::journal::Run;

/// The position of a connection in the journal.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The number of the next event.
    pub(crate) next: u64,
    /// The position of the slot. A connection that resumes may read earlier events as well.
    slot: u64,
    /// The events that were read last: `next` is among them, or may follow in the same segment.
    pub(super) run: Option<Run>,
}

impl Cursor {
    pub(crate) const fn new(next: u64, slot: u64) -> Self {
        Self {
            next,
            slot,
            run: None,
        }
    }

    /// The position that the slot gets back.
    pub(crate) fn slot_position(&self) -> u64 {
        self.next.max(self.slot)
    }
}
