//! What silence holds back of one batch. It is counted when it is known how much of the batch is written, since the rest is
//! rendered again.

use smallvec::SmallVec;

use crate::silence::{HeldBack, Span};

/// Events of one batch that were held back, all in one silence.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(super) span: Option<Span>,
    /// The number of each event, and of its kind.
    events: Vec<(u64, usize)>,
}

impl Held {
    pub(super) fn clear(&mut self) {
        self.span = None;
        self.events.clear();
    }

    pub(super) fn add(&mut self, seq: u64, kind: usize, span: Span) {
        self.span = Some(span);
        self.events.push((seq, kind));
    }

    /// Takes out what belongs to this event and later ones.
    pub(super) fn split_off(&mut self, seq: u64) -> HeldUnit {
        let at = self.events.partition_point(|(held, _)| *held < seq);
        let kinds = self.events.drain(at..).map(|(_, kind)| kind).collect();
        self.span
            .map_or_else(HeldUnit::default, |span| HeldUnit(Some((span, kinds))))
    }

    /// Counts the events before this number. The others are rendered again.
    pub(crate) fn count(&self, next: u64, held_back: &mut HeldBack) {
        if let Some(span) = self.span {
            let at = self.events.partition_point(|(seq, _)| *seq < next);
            held_back.count(span, self.events[..at].iter().map(|(_, kind)| *kind));
        }
    }
}

/// What was held back of one event that is too large for a batch.
#[derive(Debug, Default)]
pub(crate) struct HeldUnit(Option<(Span, SmallVec<[usize; 1]>)>);

impl HeldUnit {
    pub(crate) fn count(&mut self, held_back: &mut HeldBack) {
        if let Some((span, kinds)) = self.0.take() {
            held_back.count(span, kinds);
        }
    }
}
