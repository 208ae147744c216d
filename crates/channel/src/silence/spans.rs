//! The spans of the journal in which a listener was silent.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;

use crate::journal::Journal;

/// A part of the journal in which a connection is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The number of its first event.
    pub(crate) begin: u64,
    /// The number of the first event behind it, once it has ended.
    pub(crate) end: Option<u64>,
    /// When it began.
    pub(crate) since: SystemTime,
}

impl Span {
    pub(crate) fn contains(&self, seq: u64) -> bool {
        self.begin <= seq && self.end.is_none_or(|end| seq < end)
    }
}

/// The spans of one listener. A span begins and ends at a place of the journal, so that a connection far behind counts what
/// lies in it when it gets there, and not what it happens to render at the time of the call.
///
/// Each span that is kept has an event that the journal still holds, so there are never more spans than events.
#[derive(Debug, Default)]
pub(crate) struct SilentSpans {
    /// Events from this number on are in no span: what readers look at first. `u64::MAX` during a silence.
    reach: AtomicU64,
    spans: Mutex<Spans>,
}

#[derive(Debug, Default)]
struct Spans {
    /// In order. Only the last one can be open.
    list: VecDeque<Span>,
    /// Where the last span ended that is no longer kept.
    forgotten: u64,
}

impl SilentSpans {
    /// Begins a silence behind the last event, unless there is one.
    pub(crate) fn begin(&self, journal: &Journal) {
        // No event is appended meanwhile. Whoever reads a later one sees this span, because its publisher takes the journal's
        // lock after us, and the reader sees what the publisher saw.
        journal.at_end(|oldest, next| {
            let mut spans = self.spans.lock();
            spans.forget(oldest);
            if spans.list.back().is_none_or(|last| last.end.is_some()) {
                spans.list.push_back(Span {
                    begin: next,
                    end: None,
                    since: SystemTime::now(),
                });
                self.reach.store(u64::MAX, Ordering::Release);
            }
        });
    }

    /// Ends the silence behind the last event, if there is one.
    pub(crate) fn end(&self, journal: &Journal) {
        journal.at_end(|oldest, next| {
            let mut spans = self.spans.lock();
            let Some(last) = spans.list.back_mut().filter(|last| last.end.is_none()) else {
                return;
            };
            last.end = Some(next);
            if last.begin == next {
                spans.list.pop_back();
            }
            spans.forget(oldest);
            let reach = spans.list.back().and_then(|last| last.end);
            self.reach
                .store(reach.unwrap_or_default(), Ordering::Release);
        });
    }

    /// Whether the event with this number, or a later one that is in the journal, may be in a span.
    #[inline]
    pub(super) fn reaches(&self, seq: u64) -> bool {
        seq < self.reach.load(Ordering::Acquire)
    }

    /// The span that this event is in.
    pub(super) fn at(&self, seq: u64) -> Option<Span> {
        let spans = self.spans.lock();
        let behind = spans.list.partition_point(|span| span.begin <= seq);
        let span = spans.list.get(behind.checked_sub(1)?)?;
        span.contains(seq).then_some(*span)
    }

    /// Where the span ended that began there; nothing if it has not.
    pub(super) fn end_of(&self, begin: u64) -> Option<u64> {
        let spans = self.spans.lock();
        match spans.list.binary_search_by_key(&begin, |span| span.begin) {
            Ok(at) => spans.list[at].end,
            // It is no longer kept.
            Err(_) => Some(spans.forgotten),
        }
    }
}

impl Spans {
    /// Forgets the spans whose events have been overwritten.
    fn forget(&mut self, oldest: u64) {
        let is_gone = |span: &Span| span.end.is_some_and(|end| end <= oldest);
        while self.list.front().is_some_and(is_gone) {
            let gone = self.list.pop_front();
            self.forgotten = gone.and_then(|gone| gone.end).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::{Event, Topic};
    use crate::journal::Bounds;

    fn journal() -> Arc<Journal> {
        Journal::new(Bounds {
            bytes: 1 << 20,
            events: 64,
        })
    }

    fn publish(journal: &Journal, count: usize) {
        for _ in 0..count {
            assert!(journal.publish_now(&Event::bare(Topic::APP, "x")).is_ok());
        }
    }

    #[test]
    fn a_span_has_the_events_between_the_two_calls_and_no_others() {
        let (journal, spans) = (journal(), SilentSpans::default());
        publish(&journal, 2);
        assert!(!spans.reaches(0));
        spans.begin(&journal);
        publish(&journal, 3);
        // A second call changes nothing.
        spans.begin(&journal);
        publish(&journal, 1);
        assert!(spans.reaches(1_000_000));
        spans.end(&journal);
        spans.end(&journal);
        publish(&journal, 1);
        let inside: Vec<_> = (0..9).filter(|seq| spans.at(*seq).is_some()).collect();
        assert_eq!(inside, [3, 4, 5, 6]);
        assert!(spans.reaches(6) && !spans.reaches(7));
        assert_eq!(spans.end_of(3), Some(7));
    }

    #[test]
    fn spans_are_kept_apart_and_empty_ones_are_not_kept() {
        let (journal, spans) = (journal(), SilentSpans::default());
        for _ in 0..2 {
            spans.begin(&journal);
            publish(&journal, 1);
            spans.end(&journal);
            spans.begin(&journal);
            spans.end(&journal);
        }
        assert_eq!(spans.spans.lock().list.len(), 2);
        assert_eq!(spans.at(1).map(|span| span.end), Some(Some(2)));
        assert_eq!(spans.at(2).map(|span| span.end), Some(Some(3)));
    }

    #[test]
    fn a_span_is_forgotten_with_its_last_event() {
        let (journal, spans) = (journal(), SilentSpans::default());
        for _ in 0..1_000 {
            spans.begin(&journal);
            publish(&journal, 1);
            spans.end(&journal);
        }
        assert!(spans.spans.lock().list.len() <= 64);
        assert!(spans.end_of(1).is_some_and(|end| end <= journal.oldest()));
        assert_eq!(spans.end_of(1_000), Some(1_001));
    }
}
