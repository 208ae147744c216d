//! What one connection does not get because it is silent, and the summary of it.

use std::sync::Arc;
use std::time::SystemTime;

use smallvec::SmallVec;

use super::mutable::MutableKinds;
use super::spans::{SilentSpans, Span};
use crate::event::Topics;
use crate::wire::message;

/// The silence of one connection: its own (`silent=true`), or that of its listener.
#[derive(Debug, Default)]
pub(crate) struct HeldBack {
    kinds: Arc<MutableKinds>,
    spans: Arc<SilentSpans>,
    /// The silence of this connection for its whole life.
    own: Option<Span>,
    v1: bool,
    current: Option<Current>,
}

/// The silence in which events were held back, and how many.
#[derive(Debug)]
struct Current {
    span: Span,
    /// For each mutable kind.
    counts: SmallVec<[u64; 1]>,
    /// The number of the connection's next event.
    next: u64,
}

impl HeldBack {
    /// `silent_since` is the time from which on the connection itself is silent, if it is.
    pub(crate) fn new(
        kinds: &Arc<MutableKinds>,
        spans: &Arc<SilentSpans>,
        silent_since: Option<SystemTime>,
        v1: bool,
    ) -> Self {
        let own = silent_since.map(|since| Span {
            begin: 0,
            end: None,
            since,
        });
        Self {
            kinds: Arc::clone(kinds),
            spans: Arc::clone(spans),
            own,
            v1,
            current: None,
        }
    }

    /// The topics of which events may be held back, from this number on; usually none.
    #[inline]
    pub(crate) fn topics(&self, next: u64) -> Topics {
        if self.own.is_some() || self.spans.reaches(next) {
            self.kinds.topics()
        } else {
            Topics::default()
        }
    }

    /// The number of the first event that must wait for a summary.
    pub(crate) fn stop_at(&self) -> u64 {
        self.end().unwrap_or(u64::MAX)
    }

    /// If the event is to be held back: the number of its kind, and the silence that it is in. `span` is the one of the
    /// event before.
    pub(crate) fn find(&self, seq: u64, json: &[u8], span: Option<Span>) -> Option<(usize, Span)> {
        let kind = self.kinds.find(json)?;
        let known = self.own.or(span).filter(|span| span.contains(seq));
        let span = known.or_else(|| self.spans.at(seq))?;
        Some((kind, span))
    }

    /// Counts events of these kinds that were held back in a silence.
    pub(crate) fn count(&mut self, span: Span, held: impl IntoIterator<Item = usize>) {
        for kind in held {
            let current = self.current.get_or_insert_with(|| Current {
                span,
                counts: SmallVec::new(),
                next: 0,
            });
            if current.counts.len() <= kind {
                current.counts.resize(kind + 1, 0);
            }
            current.counts[kind] += 1;
        }
    }

    /// The connection has got so far.
    pub(crate) const fn pass(&mut self, next: u64) {
        if let Some(current) = &mut self.current {
            current.next = next;
        }
    }

    /// The summaries, if the silence ends before the next event. A connection that gets no events now has none.
    pub(crate) fn due(&mut self, next: Option<u64>) -> Option<Vec<String>> {
        let end = self.end()?;
        if next.is_some_and(|next| next < end) {
            return None;
        }
        Some(self.finish(next))
    }

    /// The summaries of what was held back: the silence ends for this connection.
    pub(crate) fn finish(&mut self, next: Option<u64>) -> Vec<String> {
        let Some(current) = self.current.take() else {
            return Vec::new();
        };
        // A client that resumes behind this number gets neither the events again nor their summary.
        let last = next.unwrap_or(current.next).saturating_sub(1);
        let counts = current.counts.iter().enumerate();
        counts
            .filter(|(_, count)| **count > 0)
            .map(|(kind, count)| {
                let seq = self.v1.then_some(last);
                message::summary(self.kinds.summary(kind), *count, current.span.since, seq)
            })
            .collect()
    }

    /// Where the silence ended in which something was held back.
    fn end(&self) -> Option<u64> {
        let current = self.current.as_ref()?;
        match self.own {
            Some(_) => None,
            None => self.spans.end_of(current.span.begin),
        }
    }
}
