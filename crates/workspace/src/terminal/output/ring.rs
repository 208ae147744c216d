//! A terminal's ring: the last bytes of its output, with their offsets and sources.

use std::collections::VecDeque;

use super::escape::Escape;
use super::modes::{MAX_PRELUDE_BYTES, Modes};
use super::screen::Screen;
use crate::shapes::Source;

/// The memory of one change of source. It counts against the capacity, so that a command which alternates between its
/// two outputs gets no more memory than another.
const RUN_BYTES: usize = size_of::<Run>();

/// How far to look for the start of a line: a screen of text. Beyond that the start of a character has to do.
const LINE_SEARCH: usize = 4 << 10;

#[derive(Clone, Copy, Debug)]
struct Run {
    start: u64,
    source: Source,
}

/// Consecutive bytes of one source, in two parts where the ring wraps around.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) source: Source,
    pub(crate) parts: [&'a [u8]; 2],
}

impl Piece<'_> {
    pub(crate) fn len(&self) -> usize {
        self.parts[0].len() + self.parts[1].len()
    }
}

/// The first bytes of a character that is not complete yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) bytes: [u8; 3],
    pub(crate) len: usize,
    pub(crate) start: u64,
}

/// The ring.
#[derive(Debug)]
pub(crate) struct Ring {
    bytes: VecDeque<u8>,
    runs: VecDeque<Run>,
    /// The offset of the oldest byte.
    tail: u64,
    capacity: usize,
    /// The state of a screen that has read everything before the tail. As long as nothing was overwritten, that is
    /// nothing, and costs nothing.
    before: Screen,
}

impl Ring {
    /// For the output of pipes.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            runs: VecDeque::new(),
            tail: 0,
            capacity,
            before: Screen::default(),
        }
    }

    /// For the output of a PTY, which is for a screen.
    pub(crate) fn of_pty(capacity: usize) -> Self {
        Self {
            before: Screen::of_pty(),
            ..Self::new(capacity)
        }
    }

    /// The offset behind the newest byte.
    pub(crate) fn head(&self) -> u64 {
        self.tail + self.bytes.len() as u64
    }

    pub(crate) const fn tail(&self) -> u64 {
        self.tail
    }

    /// The memory in use.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() + self.runs.len() * RUN_BYTES
    }

    /// The memory of what follows `offset`, changes of source included.
    pub(crate) fn behind(&self, offset: u64) -> usize {
        let bytes = self.head().saturating_sub(offset.max(self.tail));
        let runs = self.runs.len() - self.runs.partition_point(|run| run.start <= offset);
        usize::try_from(bytes).unwrap_or(usize::MAX) + runs * RUN_BYTES
    }

    /// How many bytes of one source can be added without overwriting what follows `offset`.
    pub(crate) fn room(&self, offset: u64) -> usize {
        // One run for the new bytes, and one that contains the offset.
        let taken = self.behind(offset) + 2 * RUN_BYTES;
        self.capacity.saturating_sub(taken)
    }

    /// Adds bytes, and overwrites the oldest ones if there is no room.
    pub(crate) fn push(&mut self, source: Source, bytes: &[u8]) {
        for chunk in bytes.chunks((self.capacity / 2).max(1)) {
            let begins = |ring: &Self| ring.runs.back().is_none_or(|run| run.source != source);
            let run = if begins(self) { RUN_BYTES } else { 0 };
            self.make_room(chunk.len() + run);
            if begins(self) {
                let start = self.head();
                self.runs.push_back(Run { start, source });
            }
            self.reserve(chunk.len());
            self.bytes.extend(chunk);
        }
    }

    /// Overwrites as little as needed. With its last byte a run goes, and its memory with it.
    fn make_room(&mut self, needed: usize) {
        loop {
            let excess = (self.size() + needed).saturating_sub(self.capacity);
            let first_run = match self.runs.get(1) {
                Some(next) => usize::try_from(next.start - self.tail).unwrap_or(usize::MAX),
                None => self.bytes.len(),
            };
            let count = excess.min(first_run);
            if count == 0 {
                return;
            }
            self.forget(count);
        }
    }

    /// Grows with the output, because most commands write little.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let doubled = needed.next_power_of_two().min(self.capacity.max(needed));
            self.bytes.reserve_exact(doubled - self.bytes.len());
        }
    }

    fn forget(&mut self, count: usize) {
        let (first, second) = self.bytes.as_slices();
        let (first, second) = match count.checked_sub(first.len()) {
            Some(more) => (first, &second[..more]),
            None => (&first[..count], &second[..0]),
        };
        self.before.read(first);
        self.before.read(second);
        self.bytes.drain(..count);
        self.tail += count as u64;
        while self.runs.get(1).is_some_and(|run| run.start <= self.tail) {
            self.runs.pop_front();
        }
        if self.bytes.is_empty() {
            self.runs.clear();
        }
    }

    /// Frees the unused memory of a terminal that has ended.
    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.runs.shrink_to_fit();
    }

    /// The bytes at `offset`, up to `limit` of one source. `None` at the head and before the tail.
    pub(crate) fn piece(&self, offset: u64, limit: usize) -> Option<Piece<'_>> {
        let at = usize::try_from(offset.checked_sub(self.tail)?).ok()?;
        if at >= self.bytes.len() || limit == 0 {
            return None;
        }
        let next = self.runs.partition_point(|run| run.start <= offset);
        let end = self.runs.get(next).map_or(self.head(), |run| run.start);
        let end = usize::try_from(end - self.tail).ok()?;
        let end = end.min(at.saturating_add(limit));
        let (first, second) = self.bytes.as_slices();
        let split = first.len();
        Some(Piece {
            source: self.runs.get(next.checked_sub(1)?)?.source,
            parts: [
                &first[at.min(split)..end.min(split)],
                &second[at.saturating_sub(split)..end.saturating_sub(split)],
            ],
        })
    }

    fn source_at(&self, offset: u64) -> Option<Source> {
        let next = self.runs.partition_point(|run| run.start <= offset);
        Some(self.runs.get(next.checked_sub(1)?)?.source)
    }

    /// The first bytes of a character of `source` that is incomplete at `offset`.
    pub(crate) fn partial_before(&self, offset: u64, source: Source) -> Partial {
        let mut found = Partial::default();
        let mut at = offset;
        // Collects the last bytes of that source and skips those of the other one. The first byte of a character is
        // at most three back, and only a few changes of source are looked through.
        for _ in 0..64 {
            if at <= self.tail || found.len == 3 {
                break;
            }
            at -= 1;
            if self.source_at(at) != Some(source) {
                let run = self.runs.partition_point(|run| run.start <= at);
                at = self
                    .runs
                    .get(run.wrapping_sub(1))
                    .map_or(self.tail, |run| run.start);
                continue;
            }
            let byte = self.byte(at);
            found.bytes.copy_within(..2, 1);
            found.bytes[0] = byte;
            found.len += 1;
            found.start = at;
            if byte & 0b1100_0000 != 0b1000_0000 {
                let held = std::str::from_utf8(&found.bytes[..found.len]);
                let incomplete = held.is_err_and(|error| error.error_len().is_none());
                return if incomplete {
                    found
                } else {
                    Partial::default()
                };
            }
        }
        Partial::default()
    }

    fn byte(&self, offset: u64) -> u8 {
        let at = usize::try_from(offset - self.tail).unwrap_or(usize::MAX);
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// The start of the character that contains `offset`, if the bytes directly before belong to it; else `offset`.
    pub(crate) fn character_start(&self, offset: u64) -> u64 {
        let Some(source) = offset.checked_sub(1).and_then(|at| self.source_at(at)) else {
            return offset;
        };
        let partial = self.partial_before(offset, source);
        match partial.len > 0 && partial.start + partial.len as u64 == offset {
            true => partial.start,
            false => offset,
        }
    }

    /// Where a viewer goes on that has seen the output up to `seen`, of which what follows was overwritten: from
    /// `from` on or a little later. Also the sequences that give its screen the modes that hold there. They are no
    /// output, and there is room for them among the bytes that were lost.
    pub(crate) fn restart(&self, seen: u64, from: u64) -> (u64, String) {
        let at = self.safe_from(from);
        let prelude = self.prelude(at);
        if prelude.is_empty() || at >= seen + prelude.len() as u64 {
            return (at, prelude);
        }
        let at = self.safe_from(seen + MAX_PRELUDE_BYTES as u64);
        (at, self.prelude(at))
    }

    fn prelude(&self, at: u64) -> String {
        if self.before.modes().is_none() {
            return String::new();
        }
        let screen = self.screen_at(at);
        screen.modes().map(Modes::prelude).unwrap_or_default()
    }

    /// The state of a screen that has read everything before `offset`.
    fn screen_at(&self, offset: u64) -> Screen {
        let skip = usize::try_from(offset - self.tail).unwrap_or_default();
        let mut screen = self.before.clone();
        let (first, second) = self.bytes.as_slices();
        screen.read(&first[..skip.min(first.len())]);
        screen.read(&second[..skip.saturating_sub(first.len())]);
        screen
    }

    /// The first offset from `from` on at which a new screen can start: behind a line feed if there is one soon, else
    /// at a character; never inside an escape sequence.
    pub(crate) fn safe_from(&self, from: u64) -> u64 {
        let from = from.clamp(self.tail, self.head());
        let skip = usize::try_from(from - self.tail).unwrap_or_default();
        let mut parser = self.screen_at(from).parser();
        let mut candidate = None;
        let mut line = skip > 0 && self.bytes.get(skip - 1) == Some(&b'\n');
        for (passed, byte) in self.bytes.iter().skip(skip).enumerate() {
            let here = from + passed as u64;
            let calm = parser.state() == Escape::Ground && byte & 0b1100_0000 != 0b1000_0000;
            if calm && line {
                return here;
            }
            if calm {
                candidate.get_or_insert(here);
            }
            match candidate {
                Some(at) if here - at >= LINE_SEARCH as u64 => return at,
                // A control string that never ends must not hide everything that follows it.
                None if passed > self.capacity / 2 => return from,
                _ => {}
            }
            parser.read(&[*byte]);
            line = *byte == b'\n';
        }
        candidate.unwrap_or_else(|| self.head())
    }
}

#[cfg(test)]
#[path = "ring_test.rs"]
mod tests;
