//! Gathering: in a burst, a reader that has caught up waits some microseconds, so that there is a batch to read.
//!
//! It would otherwise come back for a few events each time, or be woken for them, and a wake-up costs the publisher forty
//! times as much as the rest of a publish. A reader that waits here is not parked, so no wake-up can be lost.

use std::thread;
use std::time::{Duration, Instant};

/// A batch with at least this many events is part of a burst, and after a wait one with at least so many.
const BURST_EVENTS: u64 = 8;
const NEXT_EVENTS: u64 = 2;

/// With so many events there is nothing to wait for.
const BATCH_EVENTS: u64 = 256;

/// How long after a batch the next one is waited for. A reader that comes back later has other work, or its thread had.
const WINDOW: Duration = Duration::from_micros(100);

/// How long a reader waits, once after each batch. The system adds its slack: on Linux another 50 µs.
const REST: Duration = Duration::from_micros(20);

/// What a reader knows of its last batch.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    /// When it came, if it was part of a burst.
    burst_at: Option<Instant>,
    has_waited: bool,
}

impl Gathering {
    /// The reader has taken so many events.
    #[inline]
    pub(crate) fn took(&mut self, events: u64) {
        let enough = match self.has_waited {
            true => NEXT_EVENTS,
            false => BURST_EVENTS,
        };
        self.has_waited = false;
        self.burst_at = (events >= enough).then(Instant::now);
    }

    /// The reader was woken again so soon that more will come.
    pub(crate) fn expect(&mut self) {
        self.burst_at = Some(Instant::now());
    }

    /// Whether the reader should wait before it reads: `ready` events are there. Never after an event that came alone.
    #[inline]
    pub(crate) fn is_due(&self, ready: u64) -> bool {
        self.is_due_at(ready, Instant::now)
    }

    /// The reader has waited: now it takes what there is.
    #[inline]
    pub(crate) const fn waited(&mut self) {
        self.burst_at = None;
        self.has_waited = true;
    }

    #[inline]
    pub(super) fn is_due_at(&self, ready: u64, now: impl FnOnce() -> Instant) -> bool {
        let near = |at: Instant| now().saturating_duration_since(at) < WINDOW;
        ready < BATCH_EVENTS && self.burst_at.is_some_and(near)
    }
}

/// Waits. The calling thread must have nothing else to do.
pub(crate) fn rest() {
    // The shortest sleep of Windows takes half a millisecond.
    if cfg!(windows) {
        thread::yield_now();
    } else {
        thread::sleep(REST);
    }
}
