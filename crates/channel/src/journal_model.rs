//! The journal against the simplest model of it: a list of everything that was ever published.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;

use crate::event::{Event, MAX_EVENT_BYTES, Topic};
use crate::hold::Hold;
use crate::journal::{Bounds, Journal, PublishError, Read};
use crate::segment::{SEGMENT_BYTES, Segment};

/// The smallest event there is: `{"type":""}`.
const SMALLEST: usize = 11;

#[derive(Clone, Copy, Debug)]
enum Door {
    Try,
    Now,
}

#[derive(Clone, Debug)]
enum Step {
    Publish {
        door: Door,
        topic: usize,
        size: usize,
        detail: Option<usize>,
        times: usize,
    },
    Read {
        reader: usize,
        records: usize,
    },
    /// Reader `reader` goes on from this thousandth of the numbers given out so far, and a few beyond.
    Resume {
        reader: usize,
        thousandth: u64,
    },
    AddHold,
    AdvanceHold {
        hold: usize,
        records: usize,
    },
    RemoveHold {
        hold: usize,
    },
}

fn publish() -> impl Strategy<Value = Step> {
    let size = prop_oneof![
        12 => SMALLEST..400,
        6 => 1_000..24_000_usize,
        3 => SEGMENT_BYTES - 40..SEGMENT_BYTES + 40,
        1 => 60_000..200_000_usize,
    ];
    let detail =
        proptest::option::weighted(0.3, prop_oneof![4 => 0..300_usize, 1 => 0..70_000_usize]);
    let door = prop_oneof![Just(Door::Try), Just(Door::Now)];
    (door, 0..TOPICS.len(), size, detail, 1..60_usize).prop_map(
        |(door, topic, size, detail, times)| Step::Publish {
            door,
            topic,
            size,
            detail,
            times: if size < 400 && detail.unwrap_or(0) < 400 {
                times
            } else {
                1
            },
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => publish(),
        8 => (0..3_usize, 1..200_usize).prop_map(|(reader, records)| Step::Read { reader, records }),
        2 => (0..3_usize, 0..1_100_u64)
            .prop_map(|(reader, thousandth)| Step::Resume { reader, thousandth }),
        1 => Just(Step::AddHold),
        8 => (0..4_usize, 1..120_usize).prop_map(|(hold, records)| Step::AdvanceHold { hold, records }),
        1 => (0..4_usize).prop_map(|hold| Step::RemoveHold { hold }),
    ]
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let events = prop_oneof![8..200_usize, Just(100_000)];
    (4_096..262_144_usize, events).prop_map(|(bytes, events)| Bounds { bytes, events })
}

const TOPICS: [Topic; 5] = [
    Topic::Control,
    Topic::Forward,
    Topic::App,
    Topic::Workspace,
    Topic::File,
];

/// An event of exactly `size` bytes without its detail, different from its neighbours where there is room.
fn event(seed: u64, topic: usize, size: usize, detail: Option<usize>) -> Event {
    let mut kind = format!("{seed}.");
    while kind.len() < size - SMALLEST {
        kind.push(char::from(b'a' + u8::try_from(seed % 26).unwrap()));
    }
    kind.truncate(size - SMALLEST);
    let event = Event::bare(TOPICS[topic], &kind);
    assert_eq!(event.json().len(), size);
    match detail {
        Some(length) => event.with_detail(&"d".repeat(length)).unwrap(),
        None => event,
    }
}

struct Model {
    journal: Arc<Journal>,
    events: Vec<Event>,
    /// How many bytes come before each event, and before the next one.
    offsets: Vec<u64>,
    largest: usize,
    readers: [u64; 3],
    holds: Vec<(Arc<Hold>, u64)>,
    /// Everything a reader was ever handed, looked at again at the end.
    handed: Vec<(u64, Arc<Segment>)>,
}

impl Model {
    fn new(bounds: Bounds) -> Self {
        Self {
            journal: Journal::new(bounds),
            events: Vec::new(),
            offsets: vec![0],
            largest: 0,
            readers: [1; 3],
            holds: Vec::new(),
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
        self.holds.iter().map(|(_, next)| *next).min()
    }

    /// Whether one more event of `size` bytes is further than `quarters` of the bounds from the slowest hold.
    fn over(&self, size: usize, quarters: u64) -> bool {
        let bounds = self.journal.bounds();
        self.slowest().is_some_and(|slowest| {
            let bytes = self.offset(self.head() + 1) + size as u64 - self.offset(slowest);
            let events = self.head() + 2 - slowest;
            bytes * 4 > bounds.bytes as u64 * quarters
                || events * 4 > bounds.events as u64 * quarters
        })
    }

    fn publish(&mut self, door: Door, event: Event) {
        let size = event.bytes().len();
        let caught_up = self.slowest().is_none_or(|slowest| slowest > self.head());
        let (result, quarters) = match door {
            Door::Try => (self.journal.try_publish(&event).map(|seq| (seq, None)), 3),
            Door::Now => {
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

    /// What is at `next`, checked; returns where a reader of at most `records` records goes on.
    fn read(&mut self, next: u64, records: usize) -> (u64, bool) {
        let read = self.journal.read(next);
        let (asked, next) = (next, next.max(1));
        match read {
            Read::Empty => {
                assert!(next > self.head(), "{next} is there");
                (next, false)
            }
            Read::Lost { from, to } => {
                assert_eq!((from, to + 1), (next, self.journal.oldest()));
                assert!(
                    from <= to && to < self.head(),
                    "{from} to {to} of {}",
                    self.head()
                );
                (to + 1, true)
            }
            Read::Events(segment) => {
                assert!((segment.first()..segment.next()).contains(&next));
                let seen = self.compare(&segment, asked, records);
                self.handed.push((asked, segment));
                (next + seen, false)
            }
        }
    }

    fn compare(&self, segment: &Segment, from: u64, records: usize) -> u64 {
        let first = from.max(1);
        let mut next = first;
        for record in segment.records(from).take(records) {
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

    fn advance(&mut self, hold: usize, records: usize) {
        let (held, next) = &self.holds[hold];
        let (held, next) = (Arc::clone(held), *next);
        let (after, lost) = self.read(next, records);
        assert!(!lost, "an event that a hold had not read was evicted");
        held.advance(after, self.offset(after) - self.offset(next));
        self.journal.make_room();
        self.holds[hold].1 = after;
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Publish {
                door,
                topic,
                size,
                detail,
                times,
            } => {
                for _ in 0..times {
                    self.publish(door, event(self.head(), topic, size, detail));
                    self.check();
                }
            }
            Step::Read { reader, records } => {
                self.readers[reader] = self.read(self.readers[reader], records).0;
            }
            Step::Resume { reader, thousandth } => {
                self.readers[reader] = self.head() * thousandth / 1_000;
            }
            Step::AddHold => {
                let next = self.head() + 1;
                self.holds.push((self.journal.hold(), next));
            }
            Step::AdvanceHold { hold, records } if hold < self.holds.len() => {
                self.advance(hold, records);
            }
            Step::RemoveHold { hold } if hold < self.holds.len() => {
                let (hold, _) = self.holds.remove(hold);
                self.journal.release(&hold);
            }
            Step::AdvanceHold { .. } | Step::RemoveHold { .. } => {}
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
        // Nothing is forgotten before it has to be.
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
        for (from, segment) in std::mem::take(&mut model.handed) {
            model.compare(&segment, from, usize::MAX);
        }
        // Whoever begins at the very beginning gets an exact loss, if any, and then everything to the end.
        let (mut next, mut losses) = (1, 0);
        while next <= model.head() {
            let (after, lost) = model.read(next, usize::MAX);
            losses += usize::from(lost);
            next = after;
        }
        prop_assert!(losses <= 1);
    }
}
