//! Readers that follow the head without the lock, while publishers append, seal and evict.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::thread;

use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, Read, Run};

/// Segments of at most 12 events and a kilobyte, so that most readers are overtaken now and then.
const SMALL: Bounds = Bounds {
    bytes: 8 << 10,
    events: 100,
};

const PUBLISHERS: usize = 2;
/// For each publisher. Miri needs a thousand times as long.
const EVENTS: usize = if cfg!(miri) { 150 } else { 60_000 };
const ALL: u64 = (PUBLISHERS * EVENTS) as u64;

/// Of different sizes, some larger than a segment.
fn event(publisher: usize, number: usize) -> Event {
    let padding = "x".repeat(number * 7 % 90 + usize::from(number.is_multiple_of(50)) * 1_500);
    Event::payload(Topic::APP, "n", &format!("{publisher}:{number}:{padding}"))
}

fn hash(run: &Run, from: u64) -> Vec<u64> {
    run.records(from)
        .map(|record| {
            let mut hasher = DefaultHasher::new();
            record.json.hash(&mut hasher);
            hasher.finish() | 1
        })
        .collect()
}

/// What a reader has seen: for each number the hash of its event, or 0 if it was lost.
struct Follower<'a> {
    journal: &'a Journal,
    last: Option<Run>,
    seen: Vec<u64>,
    /// The last event of each publisher.
    numbers: [Option<usize>; PUBLISHERS],
}

impl<'a> Follower<'a> {
    const fn new(journal: &'a Journal) -> Self {
        Self {
            journal,
            last: None,
            seen: Vec::new(),
            numbers: [None; PUBLISHERS],
        }
    }

    fn next(&self) -> u64 {
        self.seen.len() as u64 + 1
    }

    /// Reads once. False if there was nothing.
    fn step(&mut self) -> bool {
        let next = self.next();
        match self.journal.read_on(&mut self.last, next) {
            Read::Empty => return false,
            Read::Lost { from, to } => {
                assert_eq!(from, next);
                assert!(to < self.journal.oldest(), "{to} is not lost");
                self.seen.resize(usize::try_from(to).unwrap(), 0);
            }
            Read::Events(run) => {
                assert!(self.journal.head() + 1 >= run.next(), "the head is behind");
                let (before, hashes) = (run.next(), hash(&run, next));
                assert_eq!(hashes.len() as u64, before - next);
                run.records(next).for_each(|record| self.check(record.json));
                self.seen.extend(&hashes);
                // Whatever was appended meanwhile: a run is what it was.
                assert_eq!((run.next(), hash(&run, next)), (before, hashes));
                self.last = Some(run);
            }
        }
        true
    }

    fn check(&mut self, json: &[u8]) {
        let text = std::str::from_utf8(json).unwrap();
        let text = text.strip_prefix(r#"{"type":"n","payload":""#).unwrap();
        let mut parts = text.trim_end_matches("\"}").split(':');
        let mut part = || parts.next().unwrap();
        let (publisher, number) = (part().parse::<usize>().unwrap(), part().parse().unwrap());
        assert!(part().bytes().all(|byte| byte == b'x'));
        let last = self.numbers[publisher].replace(number);
        assert!(last < Some(number), "{last:?} before {number}");
    }

    /// Reads all events; `pause` is called now and then.
    fn run(mut self, pause: impl Fn()) -> Vec<u64> {
        let mut reads = 0_u32;
        while self.next() <= ALL {
            if self.step() {
                reads += 1;
            } else {
                thread::yield_now();
            }
            if reads.is_multiple_of(64) {
                pause();
            }
        }
        assert!(!self.step(), "there is more than was published");
        self.seen
    }
}

#[test]
fn readers_that_follow_the_head_see_the_same_events_or_their_exact_loss() {
    let journal = Journal::new(SMALL);
    let seen: Vec<Vec<u64>> = thread::scope(|scope| {
        let journal = &journal;
        let pauses = [
            || (),
            || thread::sleep(std::time::Duration::from_micros(50)),
        ];
        let readers = pauses.map(|pause| scope.spawn(move || Follower::new(journal).run(pause)));
        for publisher in 0..PUBLISHERS {
            scope.spawn(move || {
                for number in 0..EVENTS {
                    journal.publish_now(&event(publisher, number)).unwrap();
                }
            });
        }
        readers.map(|reader| reader.join().unwrap()).into()
    });
    assert_eq!(journal.head(), ALL);
    for (one, other) in seen[0].iter().zip(&seen[1]) {
        assert!(*one == 0 || *other == 0 || one == other, "they differ");
    }
}

#[test]
fn a_reader_that_keeps_its_last_run_finds_every_event_wherever_it_goes_on() {
    let journal = Journal::new(Bounds::default());
    let mut last = None;
    // An empty journal, and a number that is not there yet.
    assert!(matches!(journal.read_on(&mut last, 1), Read::Empty));
    let publish = |events: usize| {
        for _ in 0..events {
            journal.publish_now(&Event::bare(Topic::APP, "n")).unwrap();
        }
    };
    let mut read = |seq: u64| match journal.read_on(&mut last, seq) {
        Read::Events(run) => {
            let found = run.records(seq).next().map(|record| record.seq);
            last = Some(run);
            found
        }
        _ => None,
    };
    publish(3);
    assert_eq!(read(3), Some(3));
    assert_eq!(read(4), None);
    // Many segments further on, then back, then the head again, then beyond it.
    publish(20_000);
    assert_eq!(read(15_000), Some(15_000));
    assert_eq!(read(2), Some(2));
    assert_eq!(read(20_003), Some(20_003));
    assert_eq!(read(20_009), None);
    publish(9_000);
    assert_eq!(read(20_009), Some(20_009));
}

#[test]
fn a_run_is_readable_after_its_events_were_overwritten() {
    let journal = Journal::new(SMALL);
    journal.publish_now(&event(0, 0)).unwrap();
    let Read::Events(run) = journal.read(1) else {
        panic!("there is an event");
    };
    let before = hash(&run, 1);
    for number in 1..1_000 {
        journal.publish_now(&event(0, number)).unwrap();
    }
    assert!(journal.oldest() > run.next());
    assert_eq!(hash(&run, 1), before);
}
