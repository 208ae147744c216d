//! A thread that parks on the journal, and a million events that are published just as it parks.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, SinkWaker};

/// Far longer than any wait here, and short enough that a lost wake-up fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

/// A thread that parks until it is woken, as a sink does.
pub(crate) struct Parked {
    thread: Thread,
    woken: AtomicBool,
    wakes: AtomicUsize,
}

impl Parked {
    pub(crate) fn here() -> Arc<Self> {
        Arc::new(Self {
            thread: thread::current(),
            woken: AtomicBool::new(false),
            wakes: AtomicUsize::new(0),
        })
    }

    pub(crate) fn wait(&self) {
        let since = Instant::now();
        while !self.woken.swap(false, Ordering::SeqCst) {
            assert!(since.elapsed() < PATIENCE, "a wake-up was lost");
            thread::park_timeout(PATIENCE);
        }
    }
}

impl SinkWaker for Parked {
    fn wake(&self, _woken: usize) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

#[test]
fn a_reader_that_parks_while_an_event_is_published_is_woken_exactly_once() {
    const EVENTS: u64 = 1_000_000;
    let journal = Journal::new(Bounds::default());
    let seen = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let parked = Parked::here();
            let park_flag = journal.subscribe(Arc::<Parked>::clone(&parked));
            let (mut next, mut sleeps) = (1, 0);
            while next <= EVENTS {
                // The reader parks after each event, so that every event meets a parking reader.
                if journal.park(&park_flag, next) {
                    parked.wait();
                    sleeps += 1;
                }
                next = journal.head() + 1;
                seen.store(next - 1, Ordering::SeqCst);
            }
            journal.unsubscribe(&park_flag);
            assert_eq!(parked.wakes.load(Ordering::SeqCst), sleeps);
        });
        let event = Event::bare(Topic::APP, "n");
        for number in 1..=EVENTS {
            journal.publish_now(&event).unwrap();
            // When `seen` has risen the reader is about to park: the next event is published just then.
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
