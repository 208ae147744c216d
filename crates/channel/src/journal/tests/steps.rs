//! The random bounds, events and steps of the model test.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use crate::event::{Event, Topic};
use crate::journal::{Bounds, SEGMENT_BYTES};

/// The size of the smallest event: `{"type":""}`.
pub(crate) const SMALLEST: usize = 11;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    Try,
    Now,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Publish {
        method: Method,
        topic: usize,
        size: usize,
        detail: Option<usize>,
        times: usize,
    },
    Read {
        reader: usize,
        records: usize,
    },
    /// Reader `reader` continues at this thousandth of the numbers so far; also a few beyond the head.
    Resume {
        reader: usize,
        thousandth: u64,
    },
    AddPin,
    AdvancePin {
        pin: usize,
        records: usize,
    },
    RemovePin {
        pin: usize,
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
    let method = prop_oneof![Just(Method::Try), Just(Method::Now)];
    (method, 0..TOPICS.len(), size, detail, 1..60_usize).prop_map(
        |(method, topic, size, detail, times)| Step::Publish {
            method,
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

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => publish(),
        8 => (0..3_usize, 1..200_usize).prop_map(|(reader, records)| Step::Read { reader, records }),
        2 => (0..3_usize, 0..1_100_u64)
            .prop_map(|(reader, thousandth)| Step::Resume { reader, thousandth }),
        1 => Just(Step::AddPin),
        8 => (0..4_usize, 1..120_usize).prop_map(|(pin, records)| Step::AdvancePin { pin, records }),
        1 => (0..4_usize).prop_map(|pin| Step::RemovePin { pin }),
    ]
}

pub(crate) fn bounds() -> impl Strategy<Value = Bounds> {
    let events = prop_oneof![8..200_usize, Just(100_000)];
    (4_096..262_144_usize, events).prop_map(|(bytes, events)| Bounds { bytes, events })
}

const TOPICS: [Topic; 5] = [
    Topic::CONTROL,
    Topic::engine(0),
    Topic::APP,
    Topic::engine(1),
    Topic::engine(2),
];

/// An event of exactly `size` bytes without its detail. It differs from its neighbours if the size allows.
pub(crate) fn event(seed: u64, topic: usize, size: usize, detail: Option<usize>) -> Event {
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
