//! The journal compared with the simplest model of it: a list of all published events.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;

use super::steps::{Method, SMALLEST, Step, bounds, event, step};
use crate::event::{Event, MAX_EVENT_BYTES};
use crate::journal::{Bounds, Journal, PublishError, Read, RetentionPin, Run, SEGMENT_BYTES};

struct Model {
    journal: Arc<Journal>,
    events: Vec<Event>,
    /// How many bytes come before each event, and before the next one.
    offsets: Vec<u64>,
    largest: usize,
    /// Where each reader is, and what it keeps of its last read.
    readers: [(u64, Option<Run>); 3],
    pins: Vec<(Arc<RetentionPin>, u64)>,
    /// All runs that readers got, checked again at the end.
    handed: Vec<(u64, Run)>,
}

impl Model {
    fn new(bounds: Bounds) -> Self {
        Self {
            journal: Journal::new(bounds),
            events: Vec::new(),
            offsets: vec![0],
            largest: 0,
            readers: [const { (1, None) }; 3],
            pins: Vec::new(),
            handed: Vec::new(),
        }
    }

    fn head(&self) -> u64 {
        self.events.len() as u64
    }

    fn offset(&self, seq: u64) -> u64 {
        self.offsets[usize::try_from(seq - 1).unwrap()]
    }

    fn slowest(&self) -> Option<u64> {
        self.pins.iter().map(|(_, next)| *next).min()
    }

    /// Whether one more event of `size` bytes is further than `quarters` of the bounds from the slowest pin.
    fn over(&self, size: usize, quarters: u64) -> bool {
        let bounds = self.journal.bounds();
        self.slowest().is_some_and(|slowest| {
            let bytes = self.offset(self.head() + 1) + size as u64 - self.offset(slowest);
            let events = self.head() + 2 - slowest;
            bytes * 4 > bounds.bytes as u64 * quarters
                || events * 4 > bounds.events as u64 * quarters
        })
    }

    fn publish(&mut self, method: Method, event: Event) {
        let size = event.bytes().len();
        let caught_up = self.slowest().is_none_or(|slowest| slowest > self.head());
        let (result, quarters) = match method {
            Method::Try => (self.journal.try_publish(&event).map(|seq| (seq, None)), 3),
            Method::Now => {
                let result = self.journal.publish_now(&event);
                (result.map(|done| (done.seq, Some(done.above_mark))), 4)
            }
        };
        if size > MAX_EVENT_BYTES {
            assert_eq!(result, Err(PublishError::TooLarge));
            return;
        }
        if !caught_up && self.over(size, quarters) {
            assert_eq!(result, Err(PublishError::Full));
            return;
        }
        let (seq, above_mark) = result.unwrap();
        assert_eq!(seq, self.head() + 1, "numbers rise by one");
        if let Some(above_mark) = above_mark {
            assert_eq!(above_mark, self.over(size, 3));
        }
        self.largest = self.largest.max(size);
        self.offsets.push(self.offset(seq) + size as u64);
        self.events.push(event);
    }

    /// Reads at `next` and checks the result. Returns where a reader of at most `records` records continues.
    fn read(&mut self, next: u64, records: usize) -> (u64, bool) {
        let read = self.journal.read(next);
        let (after, lost, _) = self.found(read, next, records);
        (after, lost)
    }

    /// The same for a reader that keeps what it has read last.
    fn read_on(&mut self, reader: usize, records: usize) {
        let (next, last) = &mut self.readers[reader];
        let (next, read) = (*next, self.journal.read_on(last, *next));
        let (after, _, run) = self.found(read, next, records);
        let (place, last) = &mut self.readers[reader];
        *place = after;
        if run.is_some() {
            *last = run;
        }
    }

    fn found(&mut self, read: Read, next: u64, records: usize) -> (u64, bool, Option<Run>) {
        let (asked, next) = (next, next.max(1));
        match read {
            Read::Empty => {
                assert!(next > self.head(), "{next} is there");
                (next, false, None)
            }
            Read::Lost { from, to } => {
                assert_eq!((from, to + 1), (next, self.journal.oldest()));
                assert!(
                    from <= to && to < self.head(),
                    "{from} to {to} of {}",
                    self.head()
                );
                (to + 1, true, None)
            }
            Read::Events(run) => {
                assert!((run.first()..run.next()).contains(&next));
                let seen = self.compare(&run, asked, records);
                self.handed.push((asked, run.clone()));
                (next + seen, false, Some(run))
            }
        }
    }

    fn compare(&self, run: &Run, from: u64, records: usize) -> u64 {
        let first = from.max(1);
        let mut next = first;
        for record in run.records(from).take(records) {
            let event = &self.events[usize::try_from(next - 1).unwrap()];
            assert_eq!((record.seq, record.topic), (next, event.topic()));
            assert!(record.json == event.json(), "the record of {next} differs");
            assert!(
                record.detail == event.detail(),
                "the detail of {next} differs"
            );
            assert_eq!(record.size(), event.bytes().len());
            next += 1;
        }
        next - first
    }

    fn advance(&mut self, pin: usize, records: usize) {
        let (held, next) = &self.pins[pin];
        let (held, next) = (Arc::clone(held), *next);
        let (after, lost) = self.read(next, records);
        assert!(!lost, "an event that a pin had not read was evicted");
        held.advance(after, self.offset(after) - self.offset(next));
        self.journal.make_room();
        self.pins[pin].1 = after;
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Publish {
                method,
                topic,
                size,
                detail,
                times,
            } => {
                for _ in 0..times {
                    self.publish(method, event(self.head(), topic, size, detail));
                    self.check();
                }
            }
            Step::Read { reader, records } => {
                self.read_on(reader, records);
            }
            Step::Resume { reader, thousandth } => {
                self.readers[reader].0 = self.head() * thousandth / 1_000;
            }
            Step::AddPin => {
                let next = self.head() + 1;
                self.pins.push((self.journal.pin(), next));
            }
            Step::AdvancePin { pin, records } if pin < self.pins.len() => {
                self.advance(pin, records);
            }
            Step::RemovePin { pin } if pin < self.pins.len() => {
                let (pin, _) = self.pins.remove(pin);
                self.journal.unpin(&pin);
            }
            Step::AdvancePin { .. } | Step::RemovePin { .. } => {}
        }
    }

    fn check(&self) {
        let (bounds, size) = (self.journal.bounds(), self.journal.size());
        let oldest = self.journal.oldest();
        assert_eq!(self.journal.head(), self.head());
        assert_eq!(
            size.bytes as u64,
            self.offset(self.head() + 1) - self.offset(oldest)
        );
        assert_eq!(size.events as u64, self.head() + 1 - oldest);
        assert!(self.slowest().is_none_or(|slowest| oldest <= slowest));
        let piece = Bounds {
            bytes: self.largest.max(SEGMENT_BYTES),
            events: SEGMENT_BYTES / SMALLEST,
        };
        assert!(
            size.bytes <= bounds.bytes + piece.bytes,
            "{size:?} of {bounds:?}"
        );
        assert!(
            size.events <= bounds.events + piece.events,
            "{size:?} of {bounds:?}"
        );
        let buffers = self.journal.contents.lock().buffers();
        assert!(
            buffers <= size.bytes * 4 / 3 + 2 * piece.bytes,
            "{buffers} for {size:?}"
        );
        // Nothing is evicted too early.
        assert!(
            oldest == 1
                || size.bytes + piece.bytes > bounds.bytes
                || size.events + piece.events > bounds.events
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_reader_sees_what_was_published_or_the_exact_loss(
        bounds in bounds(),
        steps in proptest::collection::vec(step(), 1..160),
    ) {
        let mut model = Model::new(bounds);
        for step in steps {
            model.take(step);
            model.check();
        }
        for (from, run) in std::mem::take(&mut model.handed) {
            model.compare(&run, from, usize::MAX);
        }
        // A reader from the beginning gets the exact loss, if any, and then everything to the end.
        let (mut next, mut losses) = (1, 0);
        while next <= model.head() {
            let (after, lost) = model.read(next, usize::MAX);
            losses += usize::from(lost);
            next = after;
        }
        prop_assert!(losses <= 1);
    }
}
