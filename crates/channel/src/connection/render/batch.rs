//! Rendering events into frames: the hot path of a connection.

use std::sync::Arc;

use super::held::Held;
use super::large::LargeFrame;
use super::parts::Parts;
use super::selection::Selection;
use crate::event::Topics;
use crate::journal::{Record, SEGMENT_BYTES, Segment};
use crate::wire::MAX_HEADER_BYTES;

/// How a connection gets its events: which topics, and with or without the additions of `loopwire.v1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) topics: Topics,
    /// `,"seq":N` and the detail are inserted before the closing brace.
    pub(crate) v1: bool,
}

/// Consecutive frames, and where each ends, so that a partial write can be interrupted at a frame boundary.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) bytes: Vec<u8>,
    /// For each frame: the position after its last byte, and the number of its event.
    pub(super) ends: Vec<(usize, u64)>,
    /// What silence holds back.
    pub(crate) held: Held,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.held.clear();
    }

    /// Renders the events from `seq` on until the batch is full. Returns the number after the last event that was read,
    /// and the next event if it is too large for a batch.
    pub(crate) fn render(
        &mut self,
        segment: &Arc<Segment>,
        seq: u64,
        style: Style,
        selection: &Selection,
    ) -> (u64, Option<LargeFrame>) {
        let selected = selection.topics(seq);
        if !selected.is_empty() {
            return self.render_selected(segment, seq, style, (selection, selected));
        }
        let mut next = seq;
        for record in segment.records(seq) {
            if style.topics.admits(record.topic) {
                match self.place(segment, &record, style.v1) {
                    Placed::Done => {}
                    Placed::Large(large) => return (record.seq + 1, Some(large)),
                    Placed::NoRoom => break,
                }
            }
            next = record.seq + 1;
        }
        (next, None)
    }

    #[inline]
    pub(super) fn place(
        &mut self,
        segment: &Arc<Segment>,
        record: &Record<'_>,
        v1: bool,
    ) -> Placed {
        let parts = Parts::new(record, v1);
        let size = MAX_HEADER_BYTES + parts.len();
        if self.bytes.len() + size > SEGMENT_BYTES {
            if self.bytes.is_empty() {
                return Placed::Large(LargeFrame::event(segment, record, v1));
            }
            return Placed::NoRoom;
        }
        parts.write_frame(&mut self.bytes);
        self.ends.push((self.bytes.len(), record.seq));
        Placed::Done
    }

    /// After a partial write of `written` bytes: the rest of the frame that has been begun, and the number of the event
    /// that follows it.
    pub(crate) fn cut(&self, written: usize) -> (&[u8], u64) {
        let at = self.ends.partition_point(|(end, _)| *end <= written);
        let begun_at = if at == 0 { 0 } else { self.ends[at - 1].0 };
        match self.ends.get(at) {
            Some((end, seq)) if written > begun_at => (&self.bytes[written..*end], seq + 1),
            Some((_, seq)) => (&[], *seq),
            None => (&[], self.ends.last().map_or(0, |(_, seq)| seq + 1)),
        }
    }
}

/// What came of an event.
pub(super) enum Placed {
    /// It is in the batch, or the connection does not get it.
    Done,
    /// It is the first event of the batch, and too large for one.
    Large(LargeFrame),
    /// It goes into the next batch.
    NoRoom,
}

#[cfg(test)]
#[path = "batch_test.rs"]
mod tests;
