//! What a publish costs: `cargo run --release -p loopwire-channel --example publish_cost`.
//!
//! One event of 120 bytes, one live reader that drains in a thread of its own, one or four publishers; the
//! event made once or serialised each time. Rounds are interleaved, so that a busy machine slows all of them equally.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use loopwire_channel::{Bounds, Event, Journal, Read, Topic};

const ROUNDS: usize = 9;
const EVENTS: usize = 400_000;

/// With its type and quotes the event is 120 bytes long.
const PAYLOAD: &str =
    "60000 10.0.0.7:44312 -> 203.0.113.9:443 established via upstream 3, 18 ms, tls 1.";

#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    publishers: usize,
    serialise: bool,
    reader: bool,
}

const CASES: [Case; 6] = [
    Case {
        name: "1 thread,  event made once, no reader",
        publishers: 1,
        serialise: false,
        reader: false,
    },
    Case {
        name: "1 thread,  event made once",
        publishers: 1,
        serialise: false,
        reader: true,
    },
    Case {
        name: "1 thread,  serialised each time",
        publishers: 1,
        serialise: true,
        reader: true,
    },
    Case {
        name: "4 threads, event made once, no reader",
        publishers: 4,
        serialise: false,
        reader: false,
    },
    Case {
        name: "4 threads, event made once",
        publishers: 4,
        serialise: false,
        reader: true,
    },
    Case {
        name: "4 threads, serialised each time",
        publishers: 4,
        serialise: true,
        reader: true,
    },
];

fn fill(event: &mut Event) {
    event.write_payload(
        Topic::APP,
        "portStateUpdate",
        Some(std::hint::black_box(PAYLOAD)),
    );
}

/// Reads until it is stopped, like a connection that never lags. Returns how much it has read.
fn drain(journal: &Journal, stop: &AtomicBool) -> u64 {
    let (mut next, mut last, mut seen) = (journal.head() + 1, None, 0);
    while !stop.load(Ordering::Relaxed) {
        match journal.read_on(&mut last, next) {
            // A sink would park here; half a batch interval stands for its wake-up.
            Read::Empty => thread::sleep(Duration::from_micros(50)),
            Read::Lost { to, .. } => next = to + 1,
            Read::Events(run) => {
                seen += run
                    .records(next)
                    .map(|record| u64::from(!record.json.is_empty()))
                    .sum::<u64>();
                next = run.next();
                last = Some(run);
            }
        }
    }
    seen
}

/// Nanoseconds from the common start to the last publisher's end, per event.
fn round(case: Case) -> f64 {
    let journal = Journal::new(Bounds::default());
    let start = Barrier::new(case.publishers + 1);
    let stop = Arc::new(AtomicBool::new(false));
    let reader = case.reader.then(|| {
        let (journal, stop) = (Arc::clone(&journal), Arc::clone(&stop));
        thread::spawn(move || drain(&journal, &stop))
    });
    let each = EVENTS / case.publishers;
    let took = thread::scope(|scope| {
        let publishers: Vec<_> = (0..case.publishers)
            .map(|_| {
                scope.spawn(|| {
                    let mut event = Event::scratch();
                    fill(&mut event);
                    start.wait();
                    for _ in 0..each {
                        if case.serialise {
                            fill(&mut event);
                        }
                        let taken = journal.publish_now(std::hint::black_box(&event));
                        assert!(taken.is_ok());
                    }
                })
            })
            .collect();
        start.wait();
        let since = Instant::now();
        for publisher in publishers {
            assert!(publisher.join().is_ok());
        }
        since.elapsed()
    });
    stop.store(true, Ordering::Relaxed);
    assert!(reader.is_none_or(|reader| reader.join().is_ok_and(|seen| seen > 0)));
    took.as_secs_f64() * 1e9 / (each * case.publishers) as f64
}

fn main() {
    let mut event = Event::scratch();
    fill(&mut event);
    assert_eq!(event.json().len(), 120);
    let mut figures = CASES.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for (case, figures) in CASES.iter().zip(&mut figures) {
            figures.push(round(*case));
        }
    }
    println!(
        "ns per event                                   least  median  (all publishers together)"
    );
    for (case, figures) in CASES.iter().zip(&mut figures) {
        figures.sort_by(f64::total_cmp);
        println!(
            "{:44} {:7.1} {:7.1}",
            case.name,
            figures[0],
            figures[ROUNDS / 2]
        );
    }
}
