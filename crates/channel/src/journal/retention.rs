//! A retention pin: the position up to which a callback has read. Only callbacks keep events from eviction.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bounds::{Bounds, MARK};

/// The position of one callback in the journal. Its reader moves it, publishers read it.
#[derive(Debug)]
pub(crate) struct RetentionPin {
    /// The number of the next event it will read.
    next: AtomicU64,
    /// How many bytes of the journal lie before that event.
    offset: AtomicU64,
}

impl RetentionPin {
    /// Moves the position forward. The caller must call `make_room` of the journal afterwards.
    pub(crate) fn advance(&self, next: u64, bytes: u64) {
        self.offset.fetch_add(bytes, Ordering::SeqCst);
        self.next.store(next, Ordering::SeqCst);
    }

    pub(crate) fn next(&self) -> u64 {
        self.next.load(Ordering::SeqCst)
    }

    fn offset(&self) -> u64 {
        self.offset.load(Ordering::SeqCst)
    }
}

/// Whether a new event would be too far ahead of the slowest callback.
#[derive(Clone, Copy, Default)]
pub(super) struct Ahead {
    /// Beyond three quarters of the bounds.
    pub(super) over_mark: bool,
    /// Beyond what this publisher may use.
    pub(super) over_limit: bool,
}

/// The pins of all callbacks. The slowest position is cached: positions only move forward, so an old value is safe.
/// It is refreshed only when the old value would refuse or delay something.
#[derive(Debug, Default)]
pub(super) struct RetentionPins {
    all: Vec<Arc<RetentionPin>>,
    slowest: (u64, u64),
}

impl RetentionPins {
    pub(super) fn add(&mut self, place: (u64, u64)) -> Arc<RetentionPin> {
        if self.all.is_empty() {
            self.slowest = place;
        }
        let pin = Arc::new(RetentionPin {
            next: AtomicU64::new(place.0),
            offset: AtomicU64::new(place.1),
        });
        self.all.push(Arc::clone(&pin));
        pin
    }

    pub(super) fn remove(&mut self, pin: &Arc<RetentionPin>) {
        self.all.retain(|other| !Arc::ptr_eq(other, pin));
        self.refresh();
    }

    fn refresh(&mut self) {
        // Number and offset are compared apart: a pin that is just being moved has its new offset and its old
        // number, and must not hide another pin that is further behind.
        let next = self.all.iter().map(|pin| pin.next()).min();
        let offset = self.all.iter().map(|pin| pin.offset()).min();
        self.slowest = (next.unwrap_or_default(), offset.unwrap_or_default());
    }

    /// Compares the event `seq`, whose last byte is at `end`, with `share` quarters of the bounds.
    #[inline]
    pub(super) fn ahead(&mut self, seq: u64, end: u64, bounds: Bounds, share: u64) -> Ahead {
        if self.all.is_empty() {
            return Ahead::default();
        }
        if !self.over(seq, end, bounds, MARK) {
            return Ahead::default();
        }
        self.refresh();
        Ahead {
            over_mark: self.over(seq, end, bounds, MARK),
            // A callback that has read everything accepts any event, even one larger than the journal.
            over_limit: self.slowest.0 < seq && self.over(seq, end, bounds, share),
        }
    }

    /// Events with a smaller number, whose last byte is at most here, are not over the mark, whatever the callbacks read on.
    pub(super) fn clear(&self, bounds: Bounds) -> (u64, u64) {
        if self.all.is_empty() {
            return (u64::MAX, u64::MAX);
        }
        // The same as `over`, solved for the event.
        (
            self.slowest.0 + bounds.events as u64 * MARK / 4,
            self.slowest.1 + bounds.bytes as u64 * MARK / 4,
        )
    }

    /// Whether a callback has not read all events before `next`, whose first byte is at `end`, and what it has not read
    /// is more than `share` quarters of the bounds.
    pub(super) fn are_behind(&mut self, next: u64, end: u64, bounds: Bounds, share: u64) -> bool {
        self.needs(next) && self.over(next - 1, end, bounds, share)
    }

    #[inline]
    fn over(&self, seq: u64, end: u64, bounds: Bounds, share: u64) -> bool {
        (end - self.slowest.1) * 4 > bounds.bytes as u64 * share
            || (seq + 1 - self.slowest.0) * 4 > bounds.events as u64 * share
    }

    /// Whether a callback has not read all events before `next`.
    pub(super) fn needs(&mut self, next: u64) -> bool {
        if self.all.is_empty() || self.slowest.0 >= next {
            return false;
        }
        self.refresh();
        self.slowest.0 < next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_is_being_moved_does_not_hide_one_further_behind() {
        let bounds = Bounds {
            bytes: 1_000,
            events: 1_000,
        };
        let mut pins = RetentionPins::default();
        let moving = pins.add((5, 500));
        let behind = pins.add((6, 600));
        moving.offset.fetch_add(1_000, Ordering::SeqCst);
        let ahead = pins.ahead(20, 1_601, bounds, 4);
        assert!(ahead.over_mark && ahead.over_limit);
        moving.next.store(20, Ordering::SeqCst);
        assert!(pins.needs(7), "{} has not been read", behind.next());
    }
}
