//! A portion: the next events of a callback, as they lie in the journal. They are copied once, to where the application wants them.

use smallvec::SmallVec;

use crate::journal::{Run, SEGMENT_BYTES};

/// The most events in one batch: some milliseconds of a callback's time.
pub const MAX_BATCH_EVENTS: usize = 1_024;

/// Consecutive events of one run.
#[derive(Debug)]
struct Piece {
    run: Run,
    seq: u64,
    events: usize,
    /// Whether there are twins among them: then the records are not what lies there in one piece.
    twins: bool,
}

/// The next events of a callback: at most [`MAX_BATCH_EVENTS`] and 64 KiB, or one larger event. They are read once
/// [`Callback::advance`](super::Callback::advance) is told of them.
#[derive(Debug)]
pub struct Portion {
    pieces: SmallVec<[Piece; 2]>,
    /// Whether they have their detail.
    detail: bool,
    /// The number of the event behind it.
    pub(super) next: u64,
    pub(super) events: usize,
    /// How many bytes the records take in the journal.
    pub(super) taken: usize,
    bytes: usize,
}

impl Portion {
    pub(super) fn new(next: u64, detail: bool) -> Self {
        Self {
            pieces: SmallVec::new(),
            detail,
            next,
            events: 0,
            taken: 0,
            bytes: 0,
        }
    }

    /// Adds the events of a run that fit. Returns whether that is all of them, and more may be added.
    pub(super) fn add(&mut self, run: &Run) -> bool {
        let seq = self.next;
        let room = (
            MAX_BATCH_EVENTS - self.events,
            SEGMENT_BYTES.saturating_sub(self.taken),
        );
        let fit = run.fit(seq, room, self.events == 0);
        if fit.events > 0 {
            self.pieces.push(Piece {
                run: run.clone(),
                seq,
                events: fit.events,
                twins: fit.json < fit.bytes,
            });
            self.next += fit.events as u64;
            self.events += fit.events;
            self.taken += fit.bytes;
            // With its detail, a record is as long as both are in the journal.
            self.bytes += if self.detail { fit.bytes } else { fit.json };
        }
        self.next == run.next() && self.events < MAX_BATCH_EVENTS
    }

    /// How many events there are; at least one.
    #[must_use]
    pub const fn events(&self) -> usize {
        self.events
    }

    /// How many bytes the events have, one after the other.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives the bytes of the events, in pieces.
    pub fn copy(&self, mut each: impl FnMut(&[u8])) {
        for piece in &self.pieces {
            if !piece.twins {
                each(piece.run.span(piece.seq, piece.events));
                continue;
            }
            for record in piece.run.records(piece.seq).take(piece.events) {
                if self.detail && !record.detail.is_empty() {
                    each(&record.json[..record.json.len() - 1]);
                    each(record.detail);
                    each(b"}");
                } else {
                    each(record.json);
                }
            }
        }
    }

    /// Adds the offset at which each event ends: those of a piece at once, which is cheaper than one by one.
    pub fn ends(&self, ends: &mut impl Extend<u32>) {
        // A batch has 64 KiB, or one event.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded by MAX_EVENT_BYTES"
        )]
        let number = |end: usize| end as u32;
        let mut end = 0;
        for piece in &self.pieces {
            if piece.twins && !self.detail {
                let records = piece.run.records(piece.seq).take(piece.events);
                ends.extend(records.map(|record| {
                    end += record.json.len();
                    number(end)
                }));
            } else {
                let offsets = piece.run.offsets(piece.seq, piece.events);
                ends.extend(offsets.map(|offset| number(end + offset)));
                end += piece.run.span(piece.seq, piece.events).len();
            }
        }
    }
}
