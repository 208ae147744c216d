//! A callback that is far behind, and waits for what a source does.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, PublishError};

const SMALL: Bounds = Bounds {
    bytes: 64 << 10,
    events: 400,
};

/// Longer than any wake-up takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn event() -> Event {
    Event::bare(Topic::APP, "n")
}

fn up_to_the_mark(journal: &Journal) {
    while journal.try_publish(&event()).is_ok() {}
}

fn up_to_the_limit(journal: &Journal) {
    while journal.publish_now(&event()).is_ok() {}
}

#[test]
fn a_publisher_that_waits_uses_the_reserve_once_a_callback_waits_for_it() {
    let journal = Journal::new(SMALL);
    let _pin = journal.pin();
    up_to_the_mark(&journal);
    let event = event();
    let mut context = Context::from_waker(Waker::noop());
    let mut before = std::pin::pin!(journal.publish(&event));
    assert!(before.as_mut().poll(&mut context).is_pending());
    let hurry = journal.hurry();
    assert!(before.as_mut().poll(&mut context).is_ready());
    let mut during = std::pin::pin!(journal.publish(&event));
    assert!(during.as_mut().poll(&mut context).is_ready());
    drop(hurry);
    let mut after = std::pin::pin!(journal.publish(&event));
    assert!(after.as_mut().poll(&mut context).is_pending());
}

#[test]
fn what_may_be_dropped_does_not_use_the_reserve() {
    let journal = Journal::new(SMALL);
    let _pin = journal.pin();
    up_to_the_mark(&journal);
    let _hurry = journal.hurry();
    assert_eq!(journal.try_publish(&event()), Err(PublishError::Full));
}

#[test]
fn a_publisher_at_the_limit_is_counted_until_there_is_room() {
    let journal = Journal::new(SMALL);
    let pin = journal.pin();
    up_to_the_limit(&journal);
    let event = event();
    let mut context = Context::from_waker(Waker::noop());
    let mut publish = Box::pin(journal.publish(&event));
    assert!(publish.as_mut().poll(&mut context).is_pending());
    let hurry = journal.hurry();
    // Who waits at the mark may be woken by it, and only then knows the limit.
    assert_eq!(hurry.stuck(), 0);
    assert!(publish.as_mut().poll(&mut context).is_pending());
    assert_eq!(hurry.stuck(), 1);
    let other = journal.hurry();
    assert!(publish.as_mut().poll(&mut context).is_pending());
    assert_eq!(other.stuck(), 1);
    pin.advance(2, event.bytes().len() as u64);
    journal.make_room();
    assert!(matches!(
        publish.as_mut().poll(&mut context),
        Poll::Ready(Ok(_))
    ));
    assert_eq!(hurry.stuck(), 0);
    // One that is given up is not counted either.
    let mut given_up = Box::pin(journal.publish(&event));
    assert!(given_up.as_mut().poll(&mut context).is_pending());
    assert_eq!(hurry.stuck(), 1);
    drop(given_up);
    assert_eq!(hurry.stuck(), 0);
}

/// Each round: a source is about to wait just as a callback begins to wait for it.
#[test]
fn neither_waits_for_ever_however_they_meet() {
    const ROUNDS: usize = 20_000;
    let journal = Journal::new(SMALL);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let mut met = 0;
    for round in 0..ROUNDS {
        // A new pin each round: the callback of the last one has read on.
        let pin = journal.pin();
        up_to_the_mark(&journal);
        let (done, receiver) = std::sync::mpsc::channel();
        let publishing = Arc::clone(&journal);
        match round % 2 {
            0 => drop(runtime.spawn(async move {
                let published = publishing.publish(&event()).await;
                let _ = done.send(published);
            })),
            _ => drop(runtime.spawn_blocking(move || {
                let published = publishing.publish_blocking(&event());
                let _ = done.send(published);
            })),
        }
        for _ in 0..round % 64 * 8 {
            std::hint::spin_loop();
        }
        let hurry = journal.hurry();
        let published = receiver.try_recv().or_else(|_| {
            met += 1;
            receiver.recv_timeout(PATIENCE)
        });
        assert!(
            published.is_ok_and(|published| published.is_ok()),
            "round {round}"
        );
        drop(hurry);
        journal.unpin(&pin);
    }
    assert!(met > 0, "they never met");
}
