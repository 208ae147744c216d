//! Rendering events into frames: the hot path of a connection.

use super::frames::{BATCH_BYTES, Frames};
use super::held::Held;
use super::large::LargeFrame;
use super::parts::Parts;
use super::selection::Selection;
use super::tail::Tail;
use crate::event::Topics;
use crate::journal::{Run, SEGMENT_BYTES};
use crate::wire::MAX_HEADER_BYTES;

/// How a connection gets its events: which topics, and with or without the additions of `loopwire.v1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) topics: Topics,
    /// `,"seq":N` and the detail are inserted before the closing brace.
    pub(crate) v1: bool,
}

/// Consecutive frames, and where each ends, so that a partial write can be interrupted at a frame boundary.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) bytes: Frames,
    /// How many bytes there may be.
    pub(super) max_bytes: usize,
    /// For each frame: the position after its last byte, and the number of its event.
    pub(super) ends: Vec<(usize, u64)>,
    /// What silence holds back.
    pub(crate) held: Held,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            bytes: Frames::default(),
            max_bytes: BATCH_BYTES,
            ends: Vec::new(),
            held: Held::default(),
        }
    }
}

impl Batch {
    /// Empties the batch, for at most so many bytes.
    pub(crate) fn clear(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
        self.bytes.clear();
        self.ends.clear();
        self.held.clear();
    }

    /// Renders the events from `seq` on until the batch is full. Returns the number after the last event that was read,
    /// and the next event if it is too large for a batch.
    pub(crate) fn render(
        &mut self,
        run: &Run,
        seq: u64,
        style: Style,
        selection: &Selection,
    ) -> (u64, Option<LargeFrame>) {
        let selected = selection.topics(seq);
        if !selected.is_empty() {
            return self.render_selected(run, seq, style, (selection, selected));
        }
        self.render_all(run, seq, style)
    }

    /// Renders all events of the topics: the hot path, alone in its function so that nothing else costs it registers.
    #[inline(never)]
    fn render_all(&mut self, run: &Run, seq: u64, style: Style) -> (u64, Option<LargeFrame>) {
        let (mut next, mut tail) = (seq, Tail::NONE);
        for record in run.records(seq) {
            if style.topics.admits(record.topic) {
                let parts = Parts::new(&record, style.v1, &mut tail);
                if !self.push(&parts, record.seq) {
                    if self.bytes.is_empty() {
                        let large = LargeFrame::event(run, &record, style.v1);
                        return (record.seq + 1, Some(large));
                    }
                    break;
                }
            }
            next = record.seq + 1;
        }
        (next, None)
    }

    /// Adds a frame if it fits.
    #[expect(
        clippy::inline_always,
        reason = "measured: as a call it makes rendering 60 percent slower"
    )]
    #[inline(always)]
    pub(super) fn push(&mut self, parts: &Parts<'_>, seq: u64) -> bool {
        let size = MAX_HEADER_BYTES + parts.len();
        // A larger one is written from its segment.
        if size > SEGMENT_BYTES || self.bytes.len() + size > self.max_bytes {
            return false;
        }
        parts.write_frame(&mut self.bytes);
        self.ends.push((self.bytes.len(), seq));
        true
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

#[cfg(test)]
#[path = "batch_test.rs"]
mod tests;
