//! The journal with real threads: no event is lost, and no publisher or reader is left waiting.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use super::park::Parked;
use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, ParkFlag, PublishError, Read, RetentionPin};

const SMALL: Bounds = Bounds {
    bytes: 8 << 10,
    events: 100,
};

fn numbered(publisher: usize, number: usize) -> Event {
    Event::payload(Topic::APP, "n", &format!("{publisher}:{number}"))
}

/// A callback: reads, checks each payload, moves its pin, and parks when there is nothing.
struct Callback {
    journal: Arc<Journal>,
    pin: Arc<RetentionPin>,
    park_flag: Arc<ParkFlag>,
    parked: Arc<Parked>,
}

impl Callback {
    fn here(journal: &Arc<Journal>) -> Self {
        let parked = Parked::here();
        Self {
            journal: Arc::clone(journal),
            pin: journal.pin(),
            park_flag: journal.subscribe(Arc::<Parked>::clone(&parked)),
            parked,
        }
    }

    fn run(&self, events: usize, mut see: impl FnMut(&[u8])) {
        let mut seen = 0;
        while seen < events {
            let next = self.pin.next();
            match self.journal.read(next) {
                Read::Lost { from, to } => panic!("{from} to {to} were lost on a callback"),
                Read::Empty if self.journal.park(&self.park_flag, next) => self.parked.wait(),
                Read::Empty => {}
                Read::Events(run) => {
                    let (mut bytes, mut after) = (0, next);
                    // Not always the whole run: a callback reads in batches.
                    for record in run.records(next).take(1 + seen % 37) {
                        assert_eq!(record.seq, after);
                        see(record.json);
                        bytes += record.size() as u64;
                        after += 1;
                        seen += 1;
                    }
                    self.pin.advance(after, bytes);
                    self.journal.make_room();
                    if seen % 1_000 < 5 {
                        thread::sleep(Duration::from_micros(100));
                    }
                }
            }
        }
        assert!(matches!(self.journal.read(self.pin.next()), Read::Empty));
    }

    /// Reads `each` events of each of the `publishers`, in the order in which each published them.
    fn sees_all_in_order(&self, publishers: usize, each: usize) {
        let mut expected = vec![0; publishers];
        self.run(publishers * each, |json| {
            let text = std::str::from_utf8(json).unwrap();
            let number = text.strip_prefix(r#"{"type":"n","payload":""#).unwrap();
            let (publisher, number) = number.trim_end_matches("\"}").split_once(':').unwrap();
            let expected = &mut expected[publisher.parse::<usize>().unwrap()];
            assert_eq!(number.parse::<usize>().unwrap(), *expected);
            *expected += 1;
        });
        assert!(expected.iter().all(|count| *count == each));
    }
}

fn fill(journal: &Journal) {
    while journal.publish_now(&numbered(9, 9)).is_ok() {}
}

#[test]
fn four_blocking_publishers_lose_nothing_to_a_slow_callback() {
    const EACH: usize = 50_000;
    let journal = Journal::new(SMALL);
    let callback = Callback::here(&journal);
    thread::scope(|scope| {
        for publisher in 0..4 {
            let journal = &journal;
            scope.spawn(move || {
                for number in 0..EACH {
                    journal
                        .publish_blocking(&numbered(publisher, number))
                        .unwrap();
                }
            });
        }
        callback.sees_all_in_order(4, EACH);
    });
    assert_eq!(journal.head(), 4 * EACH as u64);
}

#[test]
fn asynchronous_and_blocking_publishers_share_the_room() {
    const EACH: usize = 30_000;
    let journal = Journal::new(SMALL);
    let callback = Callback::here(&journal);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    for publisher in 0..3 {
        let journal = Arc::clone(&journal);
        runtime.spawn(async move {
            for number in 0..EACH {
                journal.publish(&numbered(publisher, number)).await.unwrap();
            }
        });
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..EACH {
                journal.publish_blocking(&numbered(3, number)).unwrap();
            }
        });
        callback.sees_all_in_order(4, EACH);
    });
}

#[test]
fn an_asynchronous_publish_waits_at_the_mark_until_the_callback_has_read_on() {
    let journal = Journal::new(SMALL);
    let pin = journal.pin();
    let event = numbered(0, 0);
    while journal.try_publish(&event).is_ok() {}
    let mut publish = std::pin::pin!(journal.publish(&event));
    let mut context = Context::from_waker(Waker::noop());
    assert!(publish.as_mut().poll(&mut context).is_pending());
    let head = journal.head();
    assert!(journal.publish_now(&event).unwrap().above_mark);
    journal.make_room();
    assert!(
        publish.as_mut().poll(&mut context).is_pending(),
        "there was no room"
    );
    let read = 10;
    pin.advance(1 + read, read * event.bytes().len() as u64);
    journal.make_room();
    let Poll::Ready(result) = publish.as_mut().poll(&mut context) else {
        panic!("it was not woken");
    };
    assert_eq!(result, Ok(head + 2));
}

#[test]
fn closing_the_journal_or_the_callback_wakes_waiting_publishers() {
    for closes in [true, false] {
        let journal = Journal::new(SMALL);
        let pin = journal.pin();
        fill(&journal);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let task = runtime.spawn({
            let journal = Arc::clone(&journal);
            async move { journal.publish(&numbered(0, 0)).await }
        });
        let threads = [1, 2].map(|publisher| {
            let journal = Arc::clone(&journal);
            thread::spawn(move || journal.publish_blocking(&numbered(publisher, 0)))
        });
        // Long enough for them to wait. If they are late, they find the journal closed, with the same result.
        thread::sleep(Duration::from_millis(50));
        assert!(!task.is_finished() && threads.iter().all(|thread| !thread.is_finished()));
        if closes {
            journal.close();
        } else {
            journal.unpin(&pin);
        }
        let mut results: Vec<_> = threads.map(|thread| thread.join().unwrap()).into();
        results.push(runtime.block_on(task).unwrap());
        for result in results {
            assert_eq!(result.err(), closes.then_some(PublishError::Closed));
        }
        assert!(
            matches!(journal.read(journal.oldest()), Read::Events(_)),
            "what it holds can still be read"
        );
    }
}
