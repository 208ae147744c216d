//! When a reader that has caught up waits for more.

use std::time::{Duration, Instant};

use crate::journal::Gathering;

/// A reader that has taken batches of these sizes, and a moment before it did.
fn after(batches: &[u64]) -> (Gathering, Instant) {
    let mut gathering = Gathering::default();
    let now = Instant::now();
    batches.iter().for_each(|events| gathering.took(*events));
    (gathering, now)
}

#[test]
fn a_reader_waits_after_a_burst_and_not_after_an_event_alone() {
    let cases: [(&[u64], bool); 6] = [
        (&[], false),
        (&[0], false),
        (&[7], false),
        (&[8], true),
        (&[1, 300], true),
        (&[300, 1], false),
    ];
    for (batches, waits) in cases {
        let (gathering, now) = after(batches);
        assert_eq!(gathering.is_due_at(0, || now), waits, "{batches:?}");
    }
}

#[test]
fn a_reader_does_not_wait_when_a_batch_is_there() {
    let (gathering, now) = after(&[100]);
    assert!(gathering.is_due_at(255, || now));
    assert!(!gathering.is_due_at(256, || now));
}

#[test]
fn a_reader_waits_once_and_not_long_after_its_batch() {
    let (mut gathering, now) = after(&[100]);
    let later = Instant::now() + Duration::from_micros(100);
    assert!(!gathering.is_due_at(0, || later));
    gathering.waited();
    assert!(!gathering.is_due_at(0, || now));
}

#[test]
fn a_burst_goes_on_while_each_wait_brings_several_events() {
    for (events, waits) in [(2, true), (1, false), (0, false)] {
        let (mut gathering, now) = after(&[8]);
        gathering.waited();
        gathering.took(events);
        assert_eq!(gathering.is_due_at(0, || now), waits, "{events}");
    }
}

#[test]
fn a_reader_that_is_woken_in_short_intervals_waits_as_well() {
    let (mut gathering, now) = after(&[1]);
    gathering.expect();
    assert!(gathering.is_due_at(1, || now));
}
