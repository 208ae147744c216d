//! Rendering events of which a connection gets a selection.

use super::batch::{Batch, Style};
use super::filter::Filtered;
use super::large::LargeFrame;
use super::parts::Parts;
use super::selection::Selection;
use super::tail::Tail;
use crate::event::Topics;
use crate::journal::{Record, Run, SEGMENT_BYTES};

/// What came of an event.
enum Placed {
    /// It is in the batch, or the connection does not get it.
    Done,
    /// It is the first event of the batch, and too large for one.
    Large(LargeFrame),
    /// It goes into the next batch.
    NoRoom,
}

impl Batch {
    /// Like [`Batch::render`], if there is a selection for these topics. Inlined, it would make that one slower.
    #[cold]
    #[inline(never)]
    pub(super) fn render_selected(
        &mut self,
        run: &Run,
        seq: u64,
        style: Style,
        (selection, selected): (&Selection, Topics),
    ) -> (u64, Option<LargeFrame>) {
        // A filter admits its topics, whatever the form of the connection.
        let admitted = style.topics.with(selection.filters.topics());
        let (mut next, mut tail) = (seq, Tail::NONE);
        // What lies behind a silence waits for its summary. Read once: where a silence ends later, there no event of this
        // run is behind it.
        let mut stop_at = selection.held_back.stop_at();
        for record in run.records(seq) {
            if record.seq >= stop_at {
                break;
            }
            if admitted.admits(record.topic) {
                let placed = if selected.admits(record.topic) {
                    self.place_selected(run, &record, style.v1, &mut tail, selection)
                } else {
                    self.place(run, &record, style.v1, &mut tail)
                };
                match placed {
                    Placed::Done => {}
                    Placed::Large(large) => return (record.seq + 1, Some(large)),
                    Placed::NoRoom => break,
                }
                if let Some(end) = self.held.span.and_then(|span| span.end) {
                    stop_at = stop_at.min(end);
                }
            }
            next = record.seq + 1;
        }
        (next, None)
    }

    fn place(&mut self, run: &Run, record: &Record<'_>, v1: bool, tail: &mut Tail) -> Placed {
        if self.push(&Parts::new(record, v1, tail), record.seq) {
            Placed::Done
        } else if self.bytes.is_empty() {
            Placed::Large(LargeFrame::event(run, record, v1))
        } else {
            Placed::NoRoom
        }
    }

    fn place_selected(
        &mut self,
        run: &Run,
        record: &Record<'_>,
        v1: bool,
        tail: &mut Tail,
        selection: &Selection,
    ) -> Placed {
        match selection.filters.filter(record.topic, record.json) {
            Filtered::Pass if self.hold(record.seq, record.json, selection) => Placed::Done,
            Filtered::Pass => self.place(run, record, v1, tail),
            Filtered::Drop => Placed::Done,
            Filtered::Instead(texts) => self.place_texts(record, &texts, v1, selection),
        }
    }

    /// Places the texts that a filter puts in the place of an event. They have one end: they are one unit.
    fn place_texts(
        &mut self,
        record: &Record<'_>,
        texts: &[Vec<u8>],
        v1: bool,
        selection: &Selection,
    ) -> Placed {
        let (begin, mut tail) = (self.bytes.len(), Tail::NONE);
        for json in texts {
            if self.hold(record.seq, json, selection) {
                continue;
            }
            let record = Record {
                json,
                detail: &[],
                ..*record
            };
            Parts::new(&record, v1, &mut tail).write_frame(&mut self.bytes);
        }
        let end = self.bytes.len();
        if end == begin {
            return Placed::Done;
        }
        if end - begin <= SEGMENT_BYTES && end <= self.max_bytes {
            self.ends.push((end, record.seq));
            return Placed::Done;
        }
        let held = self.held.split_off(record.seq);
        if begin == 0 {
            let frames = self.bytes.take();
            return Placed::Large(LargeFrame::frames(record.seq, frames, held));
        }
        self.bytes.truncate(begin);
        Placed::NoRoom
    }

    /// Whether silence holds the event back.
    fn hold(&mut self, seq: u64, json: &[u8], selection: &Selection) -> bool {
        let found = selection.held_back.find(seq, json, self.held.span);
        if let Some((kind, span)) = found {
            self.held.add(seq, kind, span);
        }
        found.is_some()
    }
}

#[cfg(test)]
#[path = "selected_test.rs"]
mod tests;
