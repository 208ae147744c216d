use super::*;
use crate::event::{Audience, Event, Topic};
use crate::journal::{Bounds, Journal, Read};

const V1: Style = Style {
    topics: Topics::ALL,
    v1: true,
};
const PLAIN: Style = Style {
    topics: Topics::ALL,
    v1: false,
};

const PORTS: Topic = Topic::engine(0);

fn run(events: &[Event]) -> Run {
    let journal = Journal::new(Bounds::default());
    for event in events {
        assert!(journal.publish_now(event).is_ok());
    }
    match journal.read(1) {
        Read::Events(run) => run,
        other => panic!("{other:?}"),
    }
}

fn port_event() -> Event {
    Event::payload(PORTS, "portStateUpdate", "60000")
        .with_detail(&serde_json::json!({"port": 60000}))
        .expect("valid JSON")
}

#[test]
fn a_plain_frame_is_the_bare_json_and_a_v1_frame_adds_detail_and_number() {
    let run = run(&[port_event()]);
    let mut batch = Batch::default();
    batch.render(&run, 1, PLAIN, &Selection::default());
    assert_eq!(
        &batch.bytes[2..],
        br#"{"type":"portStateUpdate","payload":"60000"}"#
    );
    batch.clear(BATCH_BYTES);
    batch.render(&run, 1, V1, &Selection::default());
    assert_eq!(
        &batch.bytes[2..],
        br#"{"type":"portStateUpdate","payload":"60000","data":{"port":60000},"seq":1}"#
    );
}

#[test]
fn topics_that_are_not_admitted_are_skipped() {
    let run = run(&[
        port_event(),
        Event::bare(Topic::engine(1), "file:x"),
        port_event(),
    ]);
    let mut batch = Batch::default();
    let (next, _) = batch.render(
        &run,
        1,
        Style {
            topics: Topics::of(Audience::Sdk, [(PORTS, Audience::Sdk)]),
            v1: false,
        },
        &Selection::default(),
    );
    assert_eq!((next, batch.ends.len()), (4, 2));
}

#[test]
fn a_cut_keeps_the_begun_frame_and_goes_back_to_the_next_one() {
    let run = run(&[port_event(), port_event(), port_event()]);
    let mut batch = Batch::default();
    batch.render(&run, 1, PLAIN, &Selection::default());
    let frame = batch.bytes.len() / 3;
    assert_eq!(batch.cut(0), (&[][..], 1));
    assert_eq!(batch.cut(frame), (&[][..], 2));
    assert_eq!(
        batch.cut(frame + 1),
        (&batch.bytes[frame + 1..2 * frame], 3)
    );
    assert_eq!(batch.cut(3 * frame - 1), (&b"}"[..], 4));
}

#[test]
fn a_large_frame_is_the_same_whatever_the_sizes_of_the_writes() {
    let event = Event::payload(Topic::APP, "big", &"x".repeat(200_000))
        .with_detail(&serde_json::json!({"n": 1}))
        .expect("valid JSON");
    let run = run(&[event]);
    for step in [1_000, 65_536, 7_777] {
        let (next, large) = Batch::default().render(&run, 1, V1, &Selection::default());
        let mut large = large.expect("too large for a batch");
        let mut out = Vec::new();
        while !large
            .write(|slices| {
                let before = out.len();
                for slice in slices {
                    let room = step - (out.len() - before);
                    out.extend_from_slice(&slice[..slice.len().min(room)]);
                }
                Ok(out.len() - before)
            })
            .expect("no error")
        {}
        assert_eq!(next, 2);
        assert_eq!(out[..2], [0x81, 127]);
        assert_eq!(
            out.len() as u64 - 10,
            u64::from_be_bytes(out[2..10].try_into().expect("8"))
        );
        assert!(out.ends_with(br#"xx","data":{"n":1},"seq":1}"#));
    }
}
