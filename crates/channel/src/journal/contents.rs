//! The contents of the journal: the segments, from the oldest that can still be read to the open one.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bounds::{Bounds, MARK};
use super::published::{Limit, PublishError, Published};
use super::retention::RetentionPins;
use super::segment::{Appender, Run, SEGMENT_BYTES, Segment};
use crate::event::{Event, MAX_EVENT_BYTES};

/// A full journal consists of at least this many segments.
const SEGMENTS: usize = 8;

/// How many events a segment holds at most: enough that 64 KiB are full before, unless the events are tiny.
const SEGMENT_EVENTS: usize = 2_048;

/// What a reader finds at the position of its cursor.
#[derive(Debug)]
pub enum Read {
    /// No event yet.
    Empty,
    /// Events, from the cursor's position on.
    Events(Run),
    /// The events at the cursor's position have been overwritten. These numbers, both inclusive, are lost.
    Lost {
        /// The first number that is lost.
        from: u64,
        /// The last one.
        to: u64,
    },
}

/// The events that the journal holds. The journal keeps them behind its one mutex, which publishers take. A reader takes it
/// only to find a segment.
pub(super) struct Contents {
    sealed: VecDeque<Arc<Segment>>,
    /// Nothing before the first event, and after a segment has been sealed.
    open: Option<Appender>,
    /// The number of the next event, and how many bytes come before it.
    end: (u64, u64),
    /// Events with a smaller number, whose last byte is at most here, neither come near a bound nor have to wait. Zero when
    /// the journal is closed.
    clear: (u64, u64),
    pub(super) pins: RetentionPins,
    /// The segment that was used last: its buffers are used again for the next one.
    spare: Option<Segment>,
    closed: bool,
}

impl Contents {
    pub(super) fn new() -> Self {
        Self {
            sealed: VecDeque::new(),
            open: None,
            end: (1, 0),
            clear: (0, 0),
            pins: RetentionPins::default(),
            spare: None,
            closed: false,
        }
    }

    /// The number of the next event, and how many bytes come before it.
    pub(super) const fn end(&self) -> (u64, u64) {
        self.end
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Refuses all further events.
    pub(super) const fn close(&mut self) {
        self.closed = true;
        self.clear = (0, 0);
    }

    /// Appends an event if `limit` allows it. Then evicts the oldest segments until the bounds are kept. `set_head` is called
    /// with the number of the event just before readers see it: a client that has got an event must not find a head before it.
    #[inline]
    pub(super) fn append(
        &mut self,
        event: &Event,
        limit: Limit,
        bounds: Bounds,
        set_head: impl Fn(u64),
    ) -> Result<Published, PublishError> {
        let seq = self.end.0;
        // Once for most events: nobody is far behind, no bound is near, and the open segment has room.
        if seq < self.clear.0
            && self.end.1 + event.bytes().len() as u64 <= self.clear.1
            && self.push(event, &set_head)
        {
            return Ok(Published {
                seq,
                above_mark: false,
            });
        }
        self.append_checked(event, limit, bounds, &set_head)
    }

    /// Appends to the open segment. False if it has no room, or there is none.
    #[inline]
    fn push(&mut self, event: &Event, set_head: &impl Fn(u64)) -> bool {
        let (topic, bytes) = (event.topic(), event.bytes());
        let json_len = event.json().len();
        let Some(open) = &mut self.open else {
            return false;
        };
        let pushed = open.push(topic, bytes, json_len, || set_head(self.end.0));
        if pushed {
            self.end.0 += 1;
            self.end.1 += bytes.len() as u64;
        }
        pushed
    }

    #[inline(never)]
    fn append_checked(
        &mut self,
        event: &Event,
        limit: Limit,
        bounds: Bounds,
        set_head: &impl Fn(u64),
    ) -> Result<Published, PublishError> {
        let len = event.bytes().len();
        if len > MAX_EVENT_BYTES {
            return Err(PublishError::TooLarge);
        }
        if self.closed {
            return Err(PublishError::Closed);
        }
        let (seq, offset) = self.end;
        let share = match limit {
            Limit::Mark => MARK,
            Limit::Hard => 4,
        };
        let ahead = self.pins.ahead(seq, offset + len as u64, bounds, share);
        if ahead.over_limit {
            return Err(PublishError::Full);
        }
        if !self.push(event, set_head) {
            self.seal();
            self.open(len, bounds);
            let pushed = self.push(event, set_head);
            debug_assert!(pushed, "a new segment has room for its first event");
        }
        self.evict(bounds);
        self.look_ahead(bounds);
        Ok(Published {
            seq,
            above_mark: ahead.over_mark,
        })
    }

    /// Finds anew up to where there is nothing to check. To be called when a pin was added, too.
    pub(super) fn look_ahead(&mut self, bounds: Bounds) {
        if !self.closed {
            let (next, offset) = self.oldest_place();
            let (pinned_next, pinned_offset) = self.pins.clear(bounds);
            self.clear = (
                pinned_next.min(next + bounds.events as u64),
                pinned_offset.min(offset + bounds.bytes as u64),
            );
        }
    }

    /// Returns the events at `seq`.
    pub(super) fn read(&self, seq: u64) -> Read {
        if seq >= self.end.0 {
            return Read::Empty;
        }
        match self.at(seq) {
            Some(segment) if segment.first() <= seq => Read::Events(segment.run()),
            _ => Read::Lost {
                from: seq,
                to: self.oldest() - 1,
            },
        }
    }

    /// The segment with the event `seq`, or the oldest one, or nothing if the event is not there yet.
    fn at(&self, seq: u64) -> Option<&Arc<Segment>> {
        let open = self.open.as_ref().map(Appender::segment);
        // A reader that is not behind is the most frequent one.
        if let Some(open) = open.filter(|open| open.first() <= seq) {
            return Some(open);
        }
        let at = self.sealed.partition_point(|segment| segment.next() <= seq);
        self.sealed.get(at).or(open)
    }

    /// The number of the oldest event that can still be read; the next number if there is none.
    pub(super) fn oldest(&self) -> u64 {
        self.oldest_place().0
    }

    fn oldest_place(&self) -> (u64, u64) {
        let open = self.open.as_ref().map(Appender::segment);
        self.sealed
            .front()
            .or(open)
            .map_or(self.end, |segment| (segment.first(), segment.offset()))
    }

    /// How many bytes and events it holds.
    pub(super) fn size(&self) -> Bounds {
        let (next, offset) = self.oldest_place();
        between((next, offset), self.end)
    }

    /// How many bytes and events it holds from `seq` on.
    pub(super) fn held_from(&self, seq: u64) -> Bounds {
        let seq = seq.clamp(self.oldest(), self.end.0);
        let offset = self.at(seq).map_or(self.end.1, |segment| {
            segment.offset() + segment.run().bytes_before(seq)
        });
        between((seq, offset), self.end)
    }

    /// How many bytes the buffers have room for, those for the next segment included.
    #[cfg(test)]
    pub(super) fn buffers(&self) -> usize {
        let open = self.open.as_ref().map(|open| open.segment().as_ref());
        let sealed = self.sealed.iter().map(Arc::as_ref);
        let all = sealed.chain(open).chain(self.spare.as_ref());
        all.map(|segment| segment.room().0).sum()
    }

    /// Opens a segment whose first event has so many bytes.
    fn open(&mut self, first: usize, bounds: Bounds) {
        // Small bounds need small segments, because whole segments are evicted.
        let bytes = SEGMENT_BYTES.min(bounds.bytes / SEGMENTS);
        let (bytes, events) = if first < bytes {
            (bytes, SEGMENT_EVENTS.min(bounds.events / SEGMENTS).max(1))
        } else {
            (first, 1)
        };
        self.open = Some(match self.spare.take() {
            Some(spare) if spare.room() == (bytes, events) => Appender::reuse(self.end, spare),
            _ => Appender::new(self.end, bytes, events),
        });
    }

    fn seal(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let full = open.seal();
        let kept = match full.run().compact() {
            Some(copy) => {
                self.keep_spare(full);
                copy
            }
            None => full,
        };
        self.sealed.push_back(kept);
    }

    /// Keeps the buffers of a segment, unless a reader still has it.
    fn keep_spare(&mut self, segment: Arc<Segment>) {
        if let Some(segment) = Arc::into_inner(segment) {
            self.spare = Some(segment);
        }
    }

    /// Evicts the oldest segments until the bounds are kept, except segments that a callback has not read yet.
    fn evict(&mut self, bounds: Bounds) {
        loop {
            let size = self.size();
            if size.bytes <= bounds.bytes && size.events <= bounds.events {
                break;
            }
            let Some(oldest) = self.sealed.front() else {
                break;
            };
            if self.pins.needs(oldest.next()) {
                break;
            }
            let Some(oldest) = self.sealed.pop_front() else {
                break;
            };
            self.keep_spare(oldest);
        }
    }
}

fn between(from: (u64, u64), to: (u64, u64)) -> Bounds {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Bounds {
        bytes: count(to.1 - from.1),
        events: count(to.0 - from.0),
    }
}
