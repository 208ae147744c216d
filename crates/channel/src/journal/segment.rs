//! A segment: consecutive records, and the index of where each of them ends.

use crate::event::Topic;

/// How many bytes a segment holds before the next one is opened, and the largest batch that a reader renders at
/// once. A larger event gets a segment of its own.
pub(crate) const SEGMENT_BYTES: usize = 64 << 10;

/// Where one record ends, and where its detail twin starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    end: u32,
    detail_start: u32,
    topic: Topic,
}

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

/// Consecutive events. The journal appends to the open segment; a sealed one is immutable and shared as an `Arc`.
#[derive(Debug)]
pub struct Segment {
    /// The number of the first event.
    first: u64,
    /// How many bytes were appended to the journal before this segment: a distance in bytes is a subtraction.
    offset: u64,
    bytes: Vec<u8>,
    index: Vec<Entry>,
    /// Whether any event has a detail twin. Without twins, several records are copied at once.
    twins: bool,
}

impl Segment {
    pub(super) const fn new(first: u64, offset: u64) -> Self {
        Self {
            first,
            offset,
            bytes: Vec::new(),
            index: Vec::new(),
            twins: false,
        }
    }

    /// The same buffers, emptied, for the events from `first` on.
    pub(super) fn reuse(mut self, first: u64, offset: u64) -> Self {
        self.bytes.clear();
        self.index.clear();
        self.bytes.shrink_to(SEGMENT_BYTES);
        self.bytes.reserve_exact(SEGMENT_BYTES);
        Self {
            first,
            offset,
            twins: false,
            ..self
        }
    }

    #[inline]
    pub(super) fn push(&mut self, topic: Topic, bytes: &[u8], detail_start: usize) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(SEGMENT_BYTES.max(bytes.len()));
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.twins |= detail_start < bytes.len();
        // A segment is never larger than the largest event, so positions in it fit into 32 bits.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded by MAX_EVENT_BYTES"
        )]
        self.index.push(Entry {
            end: self.bytes.len() as u32,
            detail_start: (start + detail_start) as u32,
            topic,
        });
    }

    /// Copies the events from `seq` on, for a reader that is close behind the head.
    pub(super) fn tail(&self, seq: u64) -> Self {
        let at = self.place(seq);
        let start = self.start(at);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded by MAX_EVENT_BYTES"
        )]
        let shift = start as u32;
        Self {
            first: seq,
            offset: self.offset + start as u64,
            bytes: self.bytes[start..].to_vec(),
            twins: self.twins,
            index: self.index[at..]
                .iter()
                .map(|entry| Entry {
                    end: entry.end - shift,
                    detail_start: entry.detail_start - shift,
                    topic: entry.topic,
                })
                .collect(),
        }
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
        if self.twins {
            return None;
        }
        let at = self.place(seq);
        let (start, base) = (self.start(at), bytes.len());
        let entries = &self.index[at..];
        let room = max_bytes.saturating_sub(base);
        let fit = entries.partition_point(|entry| entry.end as usize - start <= room);
        let fit = fit
            .min(max_events - ends.len())
            .max(usize::from(ends.is_empty()));
        let Some(last) = entries[..fit.min(entries.len())].last() else {
            return Some(seq);
        };
        bytes.extend_from_slice(&self.bytes[start..last.end as usize]);
        // At most one largest event, or 64 KiB: it fits into 32 bits.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded by MAX_EVENT_BYTES"
        )]
        ends.extend(
            entries[..fit]
                .iter()
                .map(|entry| (entry.end as usize - start + base) as u32),
        );
        Some(seq + fit as u64)
    }

    /// Gives back what the buffers hold beyond their contents, where that is worth a reallocation.
    pub(super) fn shrink(&mut self) {
        if self.bytes.capacity() - self.bytes.len() > SEGMENT_BYTES / 16 {
            self.bytes.shrink_to_fit();
        }
        if self.index.capacity() > self.index.len() * 2 {
            self.index.shrink_to_fit();
        }
    }

    /// How many bytes of it come at `seq` and later.
    pub(super) fn bytes_from(&self, seq: u64) -> usize {
        self.bytes.len() - self.start(self.place(seq))
    }

    fn place(&self, seq: u64) -> usize {
        usize::try_from(seq - self.first)
            .unwrap_or(usize::MAX)
            .min(self.index.len())
    }

    #[inline]
    fn start(&self, at: usize) -> usize {
        if at == 0 {
            0
        } else {
            self.index[at - 1].end as usize
        }
    }

    /// The number of its first event.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The number after its last event.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.first + self.index.len() as u64
    }

    /// How many bytes were appended to the journal before its first event.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes its events take.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// How many events it has.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The events from `seq` on, in order; all of them when `seq` comes before the first.
    pub fn records(&self, seq: u64) -> impl Iterator<Item = Record<'_>> {
        let seq = seq.max(self.first);
        let at = self.place(seq);
        let mut start = self.start(at);
        self.index[at..].iter().zip(seq..).map(move |(entry, seq)| {
            let (detail_start, end) = (entry.detail_start as usize, entry.end as usize);
            let record = Record {
                seq,
                topic: entry.topic,
                json: &self.bytes[start..detail_start],
                detail: &self.bytes[detail_start..end],
            };
            start = end;
            record
        })
    }
}
