//! The contents of the journal: the segments, from the oldest that can still be read to the open one.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bounds::{Bounds, MARK};
use super::published::{Limit, PublishError, Published};
use super::retention::RetentionPins;
use super::segment::{SEGMENT_BYTES, Segment};
use crate::event::{Event, MAX_EVENT_BYTES};

/// A full journal consists of at least this many segments.
const SEGMENTS: usize = 8;

/// From this many bytes on, sealing the open segment (a move) is cheaper than copying under the lock.
const SEAL_FROM: usize = 16 << 10;

/// What a reader finds at the position of its cursor.
#[derive(Debug)]
pub enum Read {
    /// No event yet.
    Empty,
    /// Events, from the cursor's position on.
    Events(Arc<Segment>),
    /// The events at the cursor's position have been overwritten. These numbers, both inclusive, are lost.
    Lost {
        /// The first number that is lost.
        from: u64,
        /// The last one.
        to: u64,
    },
}

/// The events that the journal holds. The journal keeps them behind its one mutex.
#[derive(Debug)]
pub(super) struct Contents {
    sealed: VecDeque<Arc<Segment>>,
    open: Segment,
    /// Bytes and events in `sealed` and `open` together.
    pub(super) bytes: usize,
    pub(super) events: usize,
    pub(super) pins: RetentionPins,
    /// The segment that was evicted last: its buffers are used again for the next one.
    spare: Option<Segment>,
    pub(super) closed: bool,
}

impl Contents {
    pub(super) fn new() -> Self {
        Self {
            sealed: VecDeque::new(),
            open: Segment::new(1, 0),
            bytes: 0,
            events: 0,
            pins: RetentionPins::default(),
            spare: None,
            closed: false,
        }
    }

    /// The number of the next event, and how many bytes come before it.
    pub(super) fn end(&self) -> (u64, u64) {
        let offset = self.open.offset() + self.open.size() as u64;
        (self.open.next(), offset)
    }

    /// Appends an event if `limit` allows it. Then evicts the oldest segments until the bounds are kept.
    #[inline]
    pub(super) fn append(
        &mut self,
        event: &Event,
        limit: Limit,
        bounds: Bounds,
    ) -> Result<Published, PublishError> {
        let bytes = event.bytes();
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(PublishError::TooLarge);
        }
        if self.closed {
            return Err(PublishError::Closed);
        }
        let (seq, offset) = self.end();
        let share = match limit {
            Limit::Mark => MARK,
            Limit::Hard => 4,
        };
        let ahead = self
            .pins
            .ahead(seq, offset + bytes.len() as u64, bounds, share);
        if ahead.over_limit {
            return Err(PublishError::Full);
        }
        // Small bounds need small segments, because whole segments are evicted.
        let most_bytes = SEGMENT_BYTES.min(bounds.bytes / SEGMENTS);
        let full = self.open.size() + bytes.len() > most_bytes
            || self.open.len() >= bounds.events / SEGMENTS;
        if full && !self.open.is_empty() {
            self.seal();
        }
        self.open.push(event.topic(), bytes, event.json().len());
        self.bytes += bytes.len();
        self.events += 1;
        if self.bytes > bounds.bytes || self.events > bounds.events {
            self.evict(bounds);
        }
        Ok(Published {
            seq,
            above_mark: ahead.over_mark,
        })
    }

    /// Returns the events at `seq`. A reader close behind the head gets a copy of the few events that it has not
    /// read. A reader further behind seals the open segment and gets the segment itself.
    pub(super) fn read(&mut self, seq: u64) -> Read {
        if seq >= self.open.next() {
            return Read::Empty;
        }
        if seq >= self.open.first() {
            if self.open.bytes_from(seq) < SEAL_FROM {
                return Read::Events(Arc::new(self.open.tail(seq)));
            }
            self.seal();
        }
        let at = self.sealed.partition_point(|segment| segment.next() <= seq);
        match self.sealed.get(at) {
            Some(segment) if segment.first() <= seq => Read::Events(Arc::clone(segment)),
            _ => Read::Lost {
                from: seq,
                to: self.oldest() - 1,
            },
        }
    }

    /// The number of the oldest event that can still be read; the next number if there is none.
    pub(super) fn oldest(&self) -> u64 {
        self.sealed
            .front()
            .map_or(self.open.first(), |segment| segment.first())
    }

    /// How many bytes and events it holds from `seq` on.
    pub(super) fn held_from(&self, seq: u64) -> Bounds {
        let (next, end) = self.end();
        let seq = seq.clamp(self.oldest(), next);
        let at = self.sealed.partition_point(|segment| segment.next() <= seq);
        let segment = self.sealed.get(at).map_or(&self.open, Arc::as_ref);
        let after = segment.offset() + (segment.size() - segment.bytes_from(seq)) as u64;
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Bounds {
            bytes: count(end - after),
            events: count(next - seq),
        }
    }

    fn seal(&mut self) {
        let (next, offset) = self.end();
        let fresh = match self.spare.take() {
            Some(spare) => spare.reuse(next, offset),
            None => Segment::new(next, offset),
        };
        let mut full = std::mem::replace(&mut self.open, fresh);
        full.shrink();
        self.sealed.push_back(Arc::new(full));
    }

    /// Evicts the oldest segments until the bounds are kept, except segments that a callback has not read yet.
    fn evict(&mut self, bounds: Bounds) {
        while self.bytes > bounds.bytes || self.events > bounds.events {
            let Some(oldest) = self.sealed.front() else {
                break;
            };
            if self.pins.needs(oldest.next()) {
                break;
            }
            let Some(oldest) = self.sealed.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            self.events -= usize::try_from(oldest.next() - oldest.first()).unwrap_or(usize::MAX);
            // A reader may still hold the segment. Then its buffers cannot be used again.
            if let Ok(segment) = Arc::try_unwrap(oldest) {
                self.spare = Some(segment);
            }
        }
    }
}
