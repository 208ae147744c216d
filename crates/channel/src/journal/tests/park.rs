//! A thread that sleeps on the journal, and a million events that meet it just as it dozes off.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, SinkWaker};

/// Far more than any wait here takes, and short enough that a lost wake-up fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

/// A thread that parks until it is rung, as a sink does.
pub(crate) struct Parked {
    thread: Thread,
    rung: AtomicBool,
    rings: AtomicUsize,
}

impl Parked {
    pub(crate) fn here() -> Arc<Self> {
        Arc::new(Self {
            thread: thread::current(),
            rung: AtomicBool::new(false),
            rings: AtomicUsize::new(0),
        })
    }

    pub(crate) fn wait(&self) {
        let since = Instant::now();
        while !self.rung.swap(false, Ordering::SeqCst) {
            assert!(since.elapsed() < PATIENCE, "a wake-up was lost");
            thread::park_timeout(PATIENCE);
        }
    }
}

impl SinkWaker for Parked {
    fn wake(&self, _woken: usize) {
        self.rings.fetch_add(1, Ordering::SeqCst);
        self.rung.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

#[test]
fn a_reader_that_dozes_off_while_an_event_comes_is_rung_exactly_once() {
    const EVENTS: u64 = 1_000_000;
    let journal = Journal::new(Bounds::default());
    let seen = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let parked = Parked::here();
            let park_flag = journal.subscribe(Arc::<Parked>::clone(&parked));
            let (mut next, mut sleeps) = (1, 0);
            while next <= EVENTS {
                // Each look at the journal ends in a park, so that every event meets one.
                if journal.park(&park_flag, next) {
                    parked.wait();
                    sleeps += 1;
                }
                next = journal.head() + 1;
                seen.store(next - 1, Ordering::SeqCst);
            }
            journal.unsubscribe(&park_flag);
            assert_eq!(parked.rings.load(Ordering::SeqCst), sleeps);
        });
        let event = Event::bare(Topic::APP, "n");
        for number in 1..=EVENTS {
            journal.publish_now(&event).unwrap();
            // The reader is about to park when it has said so: the next event comes right then.
            let since = Instant::now();
            let mut spins = 0_u32;
            while seen.load(Ordering::SeqCst) < number {
                spins += 1;
                if spins.is_multiple_of(64) {
                    thread::yield_now();
                    assert!(since.elapsed() < 2 * PATIENCE, "a wake-up was lost");
                }
                std::hint::spin_loop();
            }
        }
    });
}
