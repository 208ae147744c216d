use std::sync::Arc;

use super::*;
use crate::connection::render::BATCH_BYTES;
use crate::connection::render::EventFilter;
use crate::event::{Event, Topic};
use crate::journal::{Bounds, Journal, Read};
use crate::silence::{HeldBack, Mutable, MutableKinds, SilentSpans};

const FILES: Topic = Topic::engine(0);
const PLAIN: Style = Style {
    topics: Topics::ALL,
    v1: false,
};

/// A journal, the silence of its listener, and one connection that renders.
struct Stream {
    journal: Arc<Journal>,
    spans: Arc<SilentSpans>,
    selection: Selection,
    next: u64,
    batch: Batch,
}

impl Stream {
    fn new() -> Self {
        let (mut kinds, spans) = (MutableKinds::default(), Arc::default());
        let declared = Mutable {
            kind: "changed",
            summary: "summary",
        };
        kinds.add(&[FILES], &[declared]);
        Self {
            journal: Journal::new(Bounds::default()),
            selection: Selection {
                held_back: HeldBack::new(&Arc::new(kinds), &spans, None, true),
                ..Selection::default()
            },
            spans,
            next: 1,
            batch: Batch::default(),
        }
    }

    fn publish(&self, kinds: &[&str]) {
        for kind in kinds {
            assert!(self.journal.publish_now(&Event::bare(FILES, kind)).is_ok());
        }
    }

    fn run(&self) -> Run {
        match self.journal.read(self.next) {
            Read::Events(run) => run,
            other => panic!("{other:?}"),
        }
    }

    /// Renders a batch. Of its frames these are written whole, and the next one is begun if there is one.
    fn write(&mut self, frames: usize, begun: bool) {
        let run = self.run();
        self.batch.clear(BATCH_BYTES);
        let (next, large) = self.batch.render(&run, self.next, PLAIN, &self.selection);
        assert!(large.is_none());
        let written = match frames {
            0 => 0,
            all => self.batch.ends[all - 1].0,
        };
        self.next = match written + usize::from(begun) {
            all if all == self.batch.bytes.len() => next,
            part => self.batch.cut(part).1,
        };
        let held_back = &mut self.selection.held_back;
        self.batch.held.count(self.next, held_back);
        held_back.pass(self.next);
    }

    /// What the summary says, if it is due: how many, and behind which event.
    fn summary(&mut self) -> Option<(u64, u64)> {
        let texts = self.selection.held_back.due(Some(self.next))?;
        let [text] = &texts[..] else {
            panic!("{texts:?}")
        };
        let message: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(message["type"], "summary");
        Some((
            message["data"]["changed"].as_u64().expect("a number"),
            message["seq"].as_u64().expect("a number"),
        ))
    }
}

#[test]
fn what_is_rendered_again_is_counted_once() {
    for begun in [false, true] {
        let mut stream = Stream::new();
        stream.spans.begin(&stream.journal);
        stream.publish(&["changed", "a", "changed", "changed", "b", "changed"]);
        stream.spans.end(&stream.journal);
        // Three times nothing of it is taken.
        (0..3).for_each(|_| stream.write(0, false));
        assert_eq!((stream.next, stream.summary()), (2, None));
        // The first frame is written whole; of the second one a byte, or nothing.
        stream.write(1, begun);
        assert_eq!(stream.summary(), None);
        if stream.next < 7 {
            stream.write(usize::from(!begun), false);
        }
        assert_eq!((stream.next, stream.summary()), (7, Some((4, 6))));
        assert_eq!(stream.summary(), None);
    }
}

#[test]
fn what_follows_a_silence_waits_for_its_summary() {
    let mut stream = Stream::new();
    stream.publish(&["changed"]);
    stream.spans.begin(&stream.journal);
    stream.publish(&["changed", "changed"]);
    stream.spans.end(&stream.journal);
    stream.publish(&["a", "changed"]);
    stream.spans.begin(&stream.journal);
    stream.publish(&["changed"]);
    stream.spans.end(&stream.journal);
    stream.publish(&["b"]);
    // Before the first silence.
    stream.write(1, false);
    assert_eq!((stream.next, stream.summary()), (4, Some((2, 3))));
    stream.write(2, false);
    assert_eq!((stream.next, stream.summary()), (7, Some((1, 6))));
    stream.write(1, false);
    assert_eq!((stream.next, stream.summary()), (8, None));
}

#[test]
fn a_silence_without_a_mutable_event_ends_without_a_summary_and_stops_nothing() {
    let mut stream = Stream::new();
    stream.spans.begin(&stream.journal);
    stream.publish(&["a"]);
    stream.spans.end(&stream.journal);
    stream.publish(&["b"]);
    stream.write(2, false);
    assert_eq!((stream.next, stream.summary()), (3, None));
}

#[test]
fn a_silence_that_goes_on_has_no_summary_yet() {
    let mut stream = Stream::new();
    stream.spans.begin(&stream.journal);
    stream.publish(&["changed"]);
    stream.write(0, false);
    assert_eq!((stream.next, stream.summary()), (2, None));
    stream.spans.end(&stream.journal);
    assert_eq!(stream.summary(), Some((1, 1)));
}

/// Puts two mutable events and another one, of so many bytes, in the place of each.
struct Twice(usize);

impl EventFilter for Twice {
    fn filter(&self, _: &[u8]) -> Filtered {
        let other = format!(r#"{{"type":"other","x":"{}"}}"#, "x".repeat(self.0));
        let texts = [
            r#"{"type":"changed","n":1}"#,
            r#"{"type":"changed"}"#,
            &other,
        ];
        Filtered::Instead(texts.map(|text| text.as_bytes().to_vec()).to_vec())
    }
}

#[test]
fn what_a_filter_leaves_is_what_is_counted() {
    let mut stream = Stream::new();
    let filter: Arc<dyn EventFilter> = Arc::new(Twice(1));
    let files = Topics::only(&[FILES]);
    stream.selection.filters.set(files, Some(filter));
    stream.spans.begin(&stream.journal);
    stream.publish(&["changed", "any"]);
    stream.spans.end(&stream.journal);
    stream.write(2, false);
    assert_eq!(stream.batch.ends.len(), 2);
    assert_eq!(stream.summary(), Some((4, 2)));
}

#[test]
fn what_is_held_back_of_a_unit_that_is_written_later_is_counted_then() {
    let mut stream = Stream::new();
    let filter: Arc<dyn EventFilter> = Arc::new(Twice(SEGMENT_BYTES));
    let files = Topics::only(&[FILES]);
    stream.selection.filters.set(files, Some(filter));
    stream.spans.begin(&stream.journal);
    stream.publish(&["changed"]);
    stream.spans.end(&stream.journal);
    let run = stream.run();
    // Rendered twice, as after a change of the slot. Only the second one is written.
    for written in [false, true] {
        stream.batch.clear(BATCH_BYTES);
        let (next, large) = stream.batch.render(&run, 1, PLAIN, &stream.selection);
        let mut large = large.expect("too large for a batch");
        let held_back = &mut stream.selection.held_back;
        stream.batch.held.count(next, held_back);
        if written {
            large.held.count(held_back);
        }
        held_back.pass(next);
        stream.next = next;
    }
    assert_eq!(stream.summary(), Some((2, 1)));
}
