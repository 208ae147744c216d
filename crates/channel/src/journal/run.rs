//! What a reader does with a run of events: it goes through the records, or copies many at once.

use super::entry::Entry;
use super::segment::Run;
use crate::event::Topic;

/// One event as a reader sees it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its number: rises by one per event of the journal, from 1.
    pub seq: u64,
    /// Its topic.
    pub topic: Topic,
    /// The JSON that every sink may see.
    pub json: &'a [u8],
    /// The detail twin's extra key, `,"data":{…}`, or nothing.
    pub detail: &'a [u8],
}

impl Record<'_> {
    /// How many bytes the record takes in the journal.
    #[must_use]
    pub fn size(&self) -> usize {
        self.json.len() + self.detail.len()
    }
}

/// Events that fit somewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fit {
    pub(crate) events: usize,
    /// How many bytes they take in the journal.
    pub(crate) bytes: usize,
    /// How many of these are no detail.
    pub(crate) json: usize,
}

impl Run {
    /// The events from `seq` on, in order; all of them when `seq` comes before the first.
    pub fn records(&self, seq: u64) -> impl Iterator<Item = Record<'_>> {
        let seq = seq.max(self.first());
        let (bytes, at) = (self.bytes(), self.place(seq));
        let mut start = self.start(at);
        self.entries()[at..]
            .iter()
            .zip(seq..)
            .map(move |(entry, seq)| {
                let (detail_start, end) = (entry.detail_start as usize, entry.end as usize);
                let record = Record {
                    seq,
                    topic: entry.topic,
                    json: &bytes[start..detail_start],
                    detail: &bytes[detail_start..end],
                };
                start = end;
                record
            })
    }

    /// How many events from `seq` on fit into so many events and bytes; `one` does, however large it is, if that is wanted.
    pub(crate) fn fit(&self, seq: u64, (max_events, max_bytes): (usize, usize), one: bool) -> Fit {
        let at = self.place(seq);
        let start = self.start(at);
        let entries = &self.entries()[at..];
        let fit = entries.partition_point(|entry| entry.end as usize - start <= max_bytes);
        let events = fit.min(max_events).max(usize::from(one)).min(entries.len());
        let entries = &entries[..events];
        let bytes = entries.last().map_or(0, |last| last.end as usize - start);
        let details: usize = entries.iter().map(Entry::detail_bytes).sum();
        Fit {
            events,
            bytes,
            json: bytes - details,
        }
    }

    /// The bytes of so many records from `seq` on, as they lie there.
    pub(crate) fn span(&self, seq: u64, events: usize) -> &[u8] {
        let at = self.place(seq);
        &self.bytes()[self.start(at)..self.start(at + events)]
    }

    /// Where each of so many records from `seq` on ends, counted from the beginning of the first.
    #[inline]
    pub(crate) fn offsets(&self, seq: u64, events: usize) -> impl Iterator<Item = usize> {
        let at = self.place(seq);
        let start = self.start(at);
        let entries = self.entries()[at..at + events].iter();
        entries.map(move |entry| entry.end as usize - start)
    }

    /// How many bytes of it come before `seq`.
    pub(super) fn bytes_before(&self, seq: u64) -> u64 {
        self.start(self.place(seq)) as u64
    }

    #[inline]
    fn place(&self, seq: u64) -> usize {
        usize::try_from(seq - self.first())
            .unwrap_or(usize::MAX)
            .min(self.entries().len())
    }

    #[inline]
    fn start(&self, at: usize) -> usize {
        if at == 0 {
            0
        } else {
            self.entries()[at - 1].end as usize
        }
    }
}
