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

    /// Copies events from `seq` on, and where each ends in `bytes`: as many as fit into `max_bytes` and
    /// `max_events`, or one that is larger than all of it. Returns the number after the last one; nothing if
    /// there are twins among them, because then the bytes are not the records alone.
    pub(crate) fn copy_run(
        &self,
        seq: u64,
        bytes: &mut Vec<u8>,
        ends: &mut Vec<u32>,
        (max_events, max_bytes): (usize, usize),
    ) -> Option<u64> {
        let at = self.place(seq);
        let (start, base) = (self.start(at), bytes.len());
        let entries = &self.entries()[at..];
        let room = max_bytes.saturating_sub(base);
        let fit = entries.partition_point(|entry| entry.end as usize - start <= room);
        let fit = fit
            .min(max_events - ends.len())
            .max(usize::from(ends.is_empty()));
        let entries = &entries[..fit.min(entries.len())];
        let Some(last) = entries.last() else {
            return Some(seq);
        };
        if entries.iter().any(Entry::has_detail) {
            return None;
        }
        bytes.extend_from_slice(&self.bytes()[start..last.end as usize]);
        // At most one largest event, or 64 KiB: it fits into 32 bits.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded by MAX_EVENT_BYTES"
        )]
        ends.extend(
            entries
                .iter()
                .map(|entry| (entry.end as usize - start + base) as u32),
        );
        Some(seq + entries.len() as u64)
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
