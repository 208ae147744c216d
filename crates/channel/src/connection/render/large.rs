//! A frame too large for a batch.

use std::io::{self, IoSlice};

use super::held::HeldUnit;
use super::parts::Parts;
use super::tail::Tail;
use crate::journal::{Record, Run, SEGMENT_BYTES};
use crate::wire::{MAX_HEADER_BYTES, Opcode, frame};

/// What is too large for a batch. It is written in pieces.
#[derive(Debug)]
pub(crate) struct LargeFrame {
    seq: u64,
    contents: Contents,
    written: usize,
    /// What silence held back of the same event.
    pub(crate) held: HeldUnit,
}

#[derive(Debug)]
enum Contents {
    /// One event. It is written directly from its segment and never copied as a whole.
    Event {
        run: Run,
        v1: bool,
        header: [u8; MAX_HEADER_BYTES],
        header_bytes: usize,
    },
    /// The frames of what a filter has put in the place of an event.
    Frames(Vec<u8>),
}

impl LargeFrame {
    pub(super) fn event(run: &Run, record: &Record<'_>, v1: bool) -> Self {
        let mut tail = Tail::NONE;
        let len = Parts::new(record, v1, &mut tail).len();
        let (header, header_bytes) = frame::header(Opcode::Text, len);
        Self {
            seq: record.seq,
            contents: Contents::Event {
                run: run.clone(),
                v1,
                header,
                header_bytes,
            },
            written: 0,
            held: HeldUnit::default(),
        }
    }

    pub(super) const fn frames(seq: u64, frames: Vec<u8>, held: HeldUnit) -> Self {
        Self {
            seq,
            contents: Contents::Frames(frames),
            written: 0,
            held,
        }
    }

    /// The number of its event, if no byte of it has been written.
    pub(crate) fn unbegun(&self) -> Option<u64> {
        (self.written == 0).then_some(self.seq)
    }

    /// Writes one piece of at most 64 KiB with `write`. True if all of it is written.
    pub(crate) fn write(
        &mut self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<bool> {
        match &self.contents {
            Contents::Event {
                run,
                v1,
                header,
                header_bytes,
            } => {
                let Some(record) = run.records(self.seq).next() else {
                    return Ok(true);
                };
                let mut tail = Tail::NONE;
                let parts = Parts::new(&record, *v1, &mut tail);
                let all = [
                    &header[..*header_bytes],
                    parts.body,
                    parts.detail,
                    parts.tail(),
                ];
                let (mut skip, mut room) = (self.written, SEGMENT_BYTES);
                let slices = all.map(|part| {
                    let skipped = skip.min(part.len());
                    skip -= skipped;
                    let piece = &part[skipped..part.len().min(skipped + room)];
                    room -= piece.len();
                    IoSlice::new(piece)
                });
                self.written += write(&slices)?;
                Ok(self.written == header_bytes + parts.len())
            }
            Contents::Frames(frames) => {
                let rest = &frames[self.written..];
                self.written += write(&[IoSlice::new(&rest[..rest.len().min(SEGMENT_BYTES)])])?;
                Ok(self.written == frames.len())
            }
        }
    }
}
