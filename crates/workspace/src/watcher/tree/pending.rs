//! Names that have to be looked at, and when.
//!
//! What is told is the difference between what was told before and what is there when the name is looked at. So
//! everything that happens in between is merged without a rule of its own.

use std::time::{Duration, Instant};

/// How long a name waits that may come back (it was deleted) or go again (it was created and is still being written).
/// Editors need a few milliseconds between the two; @parcel/watcher waits as long.
pub(crate) const WINDOW: Duration = Duration::from_millis(50);

/// How long a new file waits that its writer has closed: an editor that writes a temporary file renames it right after
/// that. A program needs 0.2 ms between the two, a shell that starts `mv` one. The rest is for a busy machine.
pub(crate) const SETTLE: Duration = Duration::from_millis(5);

/// The longest that a name waits: a new file whose writer has not closed it yet, or a name that is deleted and created
/// again and again.
pub(crate) const LONGEST: Duration = Duration::from_millis(250);

/// The most names that wait. Then all are looked at, whatever their time. About 10 MB.
pub(crate) const MAX_PENDING: usize = 65_536;

/// A name that has to be looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) first: Instant,
    pub(crate) due: Instant,
    /// Whether its contents were written, so that it is modified even if size and time are equal.
    pub(crate) touched: bool,
    /// Whether it was created and not closed yet: its writer is at work.
    pub(crate) open: bool,
    /// Whether it had contents that nobody was seen to write. If that is so at the next look, too, it has no writer.
    pub(crate) whole: bool,
    /// Whether something has happened. If not, it was told a moment ago: what happens now waits until `due`.
    pub(crate) dirty: bool,
}

/// How soon a name is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Nothing more can be merged.
    Now,
    /// It is probably complete.
    Settled,
    /// The writer of a new file has closed it. It waits from now on, however long it was written.
    Closed,
    /// It is being written.
    Window,
    /// It is gone, and may come back.
    Gone,
}

impl Pending {
    pub(crate) fn new(when: When, now: Instant) -> Self {
        Self {
            first: now,
            due: when.from(now),
            touched: false,
            open: false,
            whole: false,
            dirty: true,
        }
    }

    /// It was just told.
    pub(crate) fn quiet(now: Instant) -> Self {
        Self {
            first: now,
            due: now + WINDOW,
            touched: false,
            open: false,
            whole: false,
            dirty: false,
        }
    }

    /// Something more has happened.
    pub(crate) fn again(&mut self, when: When, now: Instant) {
        let due = when.from(now);
        if !self.dirty {
            self.dirty = true;
            self.first = now;
            self.due = self.due.max(due);
        } else if when == When::Gone {
            self.due = self.due.max(due).min(self.first + LONGEST);
        } else if when == When::Closed {
            self.due = due.min(self.first + LONGEST);
        } else {
            self.due = self.due.min(due);
        }
    }
}

impl When {
    fn from(self, now: Instant) -> Instant {
        match self {
            Self::Now => now,
            Self::Settled | Self::Closed => now + SETTLE,
            Self::Window | Self::Gone => now + WINDOW,
        }
    }
}
