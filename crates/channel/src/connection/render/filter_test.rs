use super::*;
use crate::connection::render::{BATCH_BYTES, Batch, Selection, Style};
use crate::event::{Audience, Event};
use crate::journal::{Bounds, Journal, Read, Run};

const FILES: Topic = Topic::engine(0);
const WATCHED: Topic = Topic::engine(1);

const V1: Style = Style {
    topics: Topics::ALL,
    v1: true,
};

/// Passes what contains `pass`, drops what contains `drop`, and puts so many texts of so many bytes in the place of the rest.
struct Rule(usize, usize);

impl EventFilter for Rule {
    fn filter(&self, json: &[u8]) -> Filtered {
        let json = String::from_utf8_lossy(json);
        if json.contains("pass") {
            Filtered::Pass
        } else if json.contains("drop") {
            Filtered::Drop
        } else {
            let text = |n| format!(r#"{{"type":"{}","n":{n}}}"#, "x".repeat(self.1)).into_bytes();
            Filtered::Instead((0..self.0).map(text).collect())
        }
    }
}

fn filters(topics: &[Topic], rule: Rule) -> Filters {
    let mut filters = Filters::default();
    filters.set(Topics::only(topics), Some(Arc::new(rule)));
    filters
}

fn selection(topics: &[Topic], rule: Rule) -> Selection {
    Selection {
        filters: filters(topics, rule),
        ..Selection::default()
    }
}

fn run(kinds: &[(Topic, &str)]) -> Run {
    let journal = Journal::new(Bounds::default());
    for (topic, kind) in kinds {
        assert!(journal.publish_now(&Event::bare(*topic, kind)).is_ok());
    }
    match journal.read(1) {
        Read::Events(run) => run,
        other => panic!("{other:?}"),
    }
}

/// The texts of the frames, none of which is longer than 125 bytes.
fn texts(mut bytes: &[u8]) -> Vec<&str> {
    let mut texts = Vec::new();
    while let [0x81, length, rest @ ..] = bytes {
        let (text, rest) = rest.split_at(usize::from(*length));
        texts.push(std::str::from_utf8(text).expect("UTF-8"));
        bytes = rest;
    }
    assert!(bytes.is_empty());
    texts
}

#[test]
fn a_filter_passes_drops_and_replaces_and_others_are_left_alone() {
    let run = run(&[
        (FILES, "pass"),
        (FILES, "drop"),
        (Topic::APP, "drop"),
        (FILES, "other"),
    ]);
    let mut batch = Batch::default();
    let (next, large) = batch.render(&run, 1, V1, &selection(&[FILES], Rule(2, 1)));
    assert!(next == 5 && large.is_none());
    assert_eq!(
        texts(&batch.bytes),
        [
            r#"{"type":"pass","seq":1}"#,
            r#"{"type":"drop","seq":3}"#,
            r#"{"type":"x","n":0,"seq":4}"#,
            r#"{"type":"x","n":1,"seq":4}"#,
        ]
    );
}

#[test]
fn what_must_be_asked_for_comes_through_a_filter_alone() {
    let run = run(&[(WATCHED, "pass")]);
    let declared = [(WATCHED, Audience::Asked)];
    for (topics, v1) in [
        (Topics::of_v1(declared), true),
        (Topics::of(Audience::Sdk, declared), false),
        (Topics::of(Audience::Sandbox, declared), false),
    ] {
        let style = Style { topics, v1 };
        let mut batch = Batch::default();
        assert_eq!(batch.render(&run, 1, style, &Selection::default()).0, 2);
        assert!(batch.bytes.is_empty());
        batch.render(&run, 1, style, &selection(&[WATCHED], Rule(0, 0)));
        assert_eq!(texts(&batch.bytes).len(), 1);
    }
}

#[test]
fn a_partial_write_does_not_split_what_replaces_an_event() {
    let run = run(&[(FILES, "one"), (FILES, "two")]);
    let mut batch = Batch::default();
    batch.render(&run, 1, V1, &selection(&[FILES], Rule(3, 1)));
    let unit = batch.bytes.len() / 2;
    // Within the first, the second and the third frame of the first event.
    for written in [1, unit / 2, unit - 1] {
        assert_eq!(batch.cut(written), (&batch.bytes[written..unit], 2));
    }
    assert_eq!(batch.cut(unit), (&[][..], 2));
}

#[test]
fn a_unit_that_does_not_fit_goes_into_the_next_batch_and_one_that_never_fits_is_written_in_pieces()
{
    let run = run(&[(FILES, "pass"), (FILES, "one"), (FILES, "pass")]);
    let selection = selection(&[FILES], Rule(3, 30_000));
    let mut batch = Batch::default();
    let (next, large) = batch.render(&run, 1, V1, &selection);
    assert!(next == 2 && large.is_none());
    assert_eq!(texts(&batch.bytes), [r#"{"type":"pass","seq":1}"#]);
    batch.clear(BATCH_BYTES);
    let (next, large) = batch.render(&run, 2, V1, &selection);
    let mut large = large.expect("too large for a batch");
    assert!(next == 3 && batch.bytes.is_empty());
    assert_eq!(large.unbegun(), Some(2));
    let mut out = Vec::new();
    while !large
        .write(|slices| {
            let piece = &slices[0][..slices[0].len().min(7_777)];
            out.extend_from_slice(piece);
            Ok(piece.len())
        })
        .expect("no error")
    {}
    assert_eq!(large.unbegun(), None);
    let out = String::from_utf8_lossy(&out);
    assert_eq!(out.matches(r#"","n":"#).count(), 3);
    assert!(out.ends_with(r#"x","n":2,"seq":2}"#));
}

#[test]
fn a_filter_is_replaced_and_removed_for_each_topic_alone() {
    let mut filters = filters(&[FILES, WATCHED], Rule(0, 0));
    filters.set(Topics::only(&[FILES]), Some(Arc::new(Rule(1, 1))));
    let is_replaced = |filters: &Filters, topic| match filters.filter(topic, b"other") {
        Filtered::Instead(texts) => texts.len() == 1,
        _ => false,
    };
    assert!(is_replaced(&filters, FILES) && !is_replaced(&filters, WATCHED));
    filters.set(Topics::only(&[WATCHED]), None);
    assert_eq!(filters.topics(), Topics::only(&[FILES]));
    filters.set(Topics::only(&[FILES, WATCHED]), None);
    assert!(filters.topics().is_empty() && filters.list.is_empty());
}
