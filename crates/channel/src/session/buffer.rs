//! The buffer of a reader. A connection has one only while something is in it.

use std::cell::Cell;
use std::io;
use std::ops::Range;

use super::header::{MAX_CONTROL_BYTES, MAX_HEADER_BYTES};
use crate::command::BEGIN_BYTES;

/// How much is read at once of everything but large bodies. Reading is not the hot path. A control frame fits into it.
pub(super) const BUFFER_BYTES: usize = 2 << 10;

const _: () = assert!(BUFFER_BYTES > MAX_HEADER_BYTES + MAX_CONTROL_BYTES);
const _: () = assert!(BUFFER_BYTES > MAX_HEADER_BYTES + BEGIN_BYTES);

type Memory = Box<[u8; BUFFER_BYTES]>;

thread_local! {
    // Most reads leave nothing behind, so one buffer serves all connections of a thread in turns.
    static SPARE: Cell<Option<Memory>> = const { Cell::new(None) };
}

/// Bytes that were read and not parsed yet.
#[derive(Default)]
pub(super) struct ReadBuffer {
    /// What is outside of `unread` may be another connection's.
    memory: Option<Memory>,
    unread: Range<usize>,
}

impl ReadBuffer {
    pub(super) fn unread(&self) -> &[u8] {
        let memory = self.memory.as_deref();
        memory.map_or(&[], |memory| &memory[self.unread.clone()])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unread.is_empty()
    }

    /// Takes bytes that have been parsed: at most as many as are unread.
    pub(super) fn take(&mut self, count: usize) -> &[u8] {
        let taken = self.unread.start..self.unread.start + count;
        self.unread.start = taken.end;
        let memory = self.memory.as_deref();
        memory.map_or(&[], |memory| &memory[taken])
    }

    /// Reads more behind what is unread. Returns how many bytes.
    pub(super) fn fill(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let memory = self.memory.get_or_insert_with(|| {
            let spare = SPARE.take();
            spare.unwrap_or_else(|| Box::new([0; BUFFER_BYTES]))
        });
        memory.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        let read = read(&mut memory[self.unread.end..])?;
        self.unread.end += read;
        Ok(read)
    }

    /// Gives the memory back if nothing is unread.
    pub(super) fn release(&mut self) {
        if self.unread.is_empty() {
            self.unread = 0..0;
            SPARE.set(self.memory.take().or_else(|| SPARE.take()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn give(bytes: &'static [u8]) -> impl FnOnce(&mut [u8]) -> io::Result<usize> {
        |room| {
            room[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }
    }

    #[test]
    fn what_is_unread_stays_and_what_is_read_comes_behind_it() {
        let mut buffer = ReadBuffer::default();
        assert!(buffer.is_empty());
        assert_eq!(buffer.fill(give(b"first")).ok(), Some(5));
        assert_eq!(buffer.take(3), b"fir");
        buffer.release();
        assert_eq!(buffer.unread(), b"st");
        assert_eq!(buffer.fill(give(b"last")).ok(), Some(4));
        assert_eq!(buffer.unread(), b"stlast");
        let blocked = buffer.fill(|_| Err(io::ErrorKind::WouldBlock.into()));
        assert!(blocked.is_err());
        assert_eq!(buffer.take(6), b"stlast");
    }

    #[test]
    fn an_empty_buffer_holds_no_memory_and_shows_nothing_of_another_connection() {
        let mut one = ReadBuffer::default();
        assert_eq!(one.fill(give(b"secret")).ok(), Some(6));
        assert_eq!(one.take(6), b"secret");
        one.release();
        assert!(one.memory.is_none());
        let mut other = ReadBuffer::default();
        assert_eq!(other.fill(give(b"")).ok(), Some(0));
        assert_eq!(other.unread(), b"");
        other.release();
        assert!(other.memory.is_none());
    }
}
