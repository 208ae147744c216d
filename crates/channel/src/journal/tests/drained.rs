//! Waiting until the callbacks have caught up.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Waker};

use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, RetentionPin};

const EVENTS: u64 = 1_024;

/// A journal whose one callback has read nothing, published to until the mark; and the size of an event.
fn above_mark() -> (Arc<Journal>, Arc<RetentionPin>, u64) {
    let journal = Journal::new(Bounds {
        bytes: 1 << 20,
        events: EVENTS as usize,
    });
    let pin = journal.pin();
    let event = Event::payload(Topic::APP, "n", "x");
    while !journal.publish_now(&event).unwrap().above_mark {
        assert!(!journal.is_above_mark());
    }
    assert!(journal.is_above_mark());
    (journal, pin, event.bytes().len() as u64)
}

fn is_ready(wait: Pin<&mut impl Future<Output = ()>>) -> bool {
    wait.poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

/// Reads on until so many events are unread.
fn leave(journal: &Journal, pin: &RetentionPin, unread: u64, size: u64) {
    let next = journal.head() + 1 - unread;
    pin.advance(next, (next - pin.next()) * size);
    journal.make_room();
}

#[test]
fn it_ends_when_at_most_half_of_the_bounds_are_unread() {
    let (journal, pin, size) = above_mark();
    let mut wait = pin!(journal.drained());
    assert!(!is_ready(wait.as_mut()));
    leave(&journal, &pin, EVENTS / 2 + 1, size);
    assert!(!journal.is_above_mark());
    assert!(!is_ready(wait.as_mut()));
    leave(&journal, &pin, EVENTS / 2, size);
    assert!(is_ready(wait.as_mut()));
    // Nobody waits any more.
    assert!(is_ready(pin!(journal.drained())));
}

#[test]
fn a_wait_that_begins_below_the_mark_goes_on_to_half_of_the_bounds_too() {
    let (journal, pin, size) = above_mark();
    leave(&journal, &pin, EVENTS * 3 / 4, size);
    assert!(!journal.is_above_mark());
    let mut wait = pin!(journal.drained());
    assert!(!is_ready(wait.as_mut()));
    leave(&journal, &pin, EVENTS / 2, size);
    assert!(is_ready(wait.as_mut()));
}

#[test]
fn without_callbacks_there_is_nothing_to_wait_for() {
    let (journal, _, _) = above_mark();
    let unread = Journal::new(journal.bounds());
    let event = Event::payload(Topic::APP, "n", "x");
    for _ in 0..2 * EVENTS {
        unread.publish_now(&event).unwrap();
    }
    assert!(is_ready(pin!(unread.drained())));
}

#[test]
fn it_waits_for_the_slowest_and_ends_when_that_one_is_gone_or_the_journal_is_closed() {
    let (journal, pin, size) = above_mark();
    let slowest = journal.pin();
    leave(&journal, &pin, 0, size);
    let event = Event::payload(Topic::APP, "n", "x");
    while !journal.publish_now(&event).unwrap().above_mark {}
    leave(&journal, &pin, 0, size);
    let mut gone = pin!(journal.drained());
    assert!(!is_ready(gone.as_mut()));
    journal.unpin(&slowest);
    assert!(is_ready(gone.as_mut()));

    let (journal, _pin, _) = above_mark();
    let mut closed = pin!(journal.drained());
    assert!(!is_ready(closed.as_mut()));
    journal.close();
    assert!(is_ready(closed.as_mut()));
}
