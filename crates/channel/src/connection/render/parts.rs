//! The parts of the frame of one event.

use super::frames::Frames;
use super::tail::{MAX_TAIL_BYTES, Tail};
use crate::journal::Record;
use crate::wire::{MAX_HEADER_BYTES, Opcode, frame};

/// The parts of one event's frame, in the order in which they are written.
pub(super) struct Parts<'a> {
    pub(super) body: &'a [u8],
    pub(super) detail: &'a [u8],
    tail: &'a Tail,
}

impl<'a> Parts<'a> {
    /// `tail` is the one of the event for `loopwire.v1`, or none.
    #[inline]
    pub(super) fn new(record: &Record<'a>, v1: bool, tail: &'a mut Tail) -> Self {
        if v1 {
            tail.turn_to(record.seq);
            Self {
                body: &record.json[..record.json.len() - 1],
                detail: record.detail,
                tail,
            }
        } else {
            Self {
                body: record.json,
                detail: &[],
                tail: &Tail::NONE,
            }
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.body.len() + self.detail.len() + self.tail.len()
    }

    /// What comes behind the detail.
    #[inline]
    pub(super) fn tail(&self) -> &[u8] {
        self.tail.text()
    }

    /// Appends the whole frame.
    #[expect(
        clippy::inline_always,
        reason = "measured: as a call it makes rendering 60 percent slower"
    )]
    #[inline(always)]
    pub(super) fn write_frame(&self, out: &mut Frames) {
        let len = self.len();
        let space = out.space(MAX_HEADER_BYTES + len + MAX_TAIL_BYTES);
        let mut at = frame::put_header(space, Opcode::Text, len);
        space[at..at + self.body.len()].copy_from_slice(self.body);
        at += self.body.len();
        if !self.detail.is_empty() {
            space[at..at + self.detail.len()].copy_from_slice(self.detail);
            at += self.detail.len();
        }
        if self.tail.len() > 0 {
            // As a whole: a copy of a size that is known is no call. What is behind the text is written over.
            space[at..at + MAX_TAIL_BYTES].copy_from_slice(self.tail.block());
            at += self.tail.len();
        }
        out.add(at);
    }
}
