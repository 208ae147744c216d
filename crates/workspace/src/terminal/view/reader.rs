//! A reader of a terminal's output, for the application.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;

use crate::shapes::{Chunk, Source};
use crate::terminal::core::TerminalInner;
use crate::terminal::output::Ring;

/// The most bytes that are returned at once: as much as a connection writes at a time.
const MAX_CHUNK_BYTES: usize = 64 << 10;

/// Reads a terminal's output. The terminal pauses for it as for a connection, until it is dropped.
pub struct Reader {
    inner: Arc<TerminalInner>,
    key: u64,
    offset: u64,
    /// Sequences that set the modes of a screen, before everything else.
    prelude: String,
    waker: Arc<Notify>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("terminal", &self.inner.id)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Reader {
    pub(crate) fn new(inner: Arc<TerminalInner>, from: Option<u64>) -> Self {
        let waker = Arc::new(Notify::new());
        let mut state = inner.state.lock();
        let (tail, head) = (state.ring.tail(), state.ring.head());
        let (offset, prelude) = match from {
            Some(from) if from >= tail => (from.min(head), String::new()),
            _ if tail == 0 => (0, String::new()),
            seen => begin(&state.ring, seen.unwrap_or(0), inner.pty),
        };
        let key = state.attach(None, offset, Some(Arc::clone(&waker)));
        drop(state);
        // This reader runs the terminal now.
        inner.output_room.notify_waiters();
        Self {
            inner,
            key,
            offset,
            prelude,
            waker,
        }
    }

    /// The next output; `None` at the end. The future may be dropped and the method called again.
    pub async fn read(&mut self) -> Option<Chunk> {
        loop {
            {
                let mut state = self.inner.state.lock();
                if self.offset < state.ring.tail() {
                    (self.offset, self.prelude) = begin(&state.ring, self.offset, self.inner.pty);
                }
                if !self.prelude.is_empty() {
                    let bytes = Bytes::from(std::mem::take(&mut self.prelude));
                    return Some(Chunk {
                        source: Source::Stdout,
                        offset: self.offset - bytes.len() as u64,
                        bytes,
                    });
                }
                let offset = self.offset;
                let piece = state.ring.piece(offset, MAX_CHUNK_BYTES);
                let chunk = piece.map(|piece| {
                    let mut bytes = BytesMut::with_capacity(piece.len());
                    piece
                        .parts
                        .iter()
                        .for_each(|part| bytes.extend_from_slice(part));
                    Chunk {
                        source: piece.source,
                        offset,
                        bytes: bytes.freeze(),
                    }
                });
                if let Some(chunk) = chunk {
                    self.offset = offset + chunk.bytes.len() as u64;
                    if let Some(at) = state.position_of(self.key) {
                        state.attachments[at].offset = self.offset;
                    }
                    drop(state);
                    self.inner.output_room.notify_waiters();
                    return Some(chunk);
                }
                if state.exit.is_some() {
                    return None;
                }
            }
            self.waker.notified().await;
        }
    }
}

/// Where a reader goes on whose next bytes were overwritten. A screen needs modes and whole sequences, bytes do not.
fn begin(ring: &Ring, seen: u64, pty: bool) -> (u64, String) {
    match pty {
        true => ring.restart(seen, ring.tail()),
        false => (ring.tail(), String::new()),
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.inner.detach(self.key);
    }
}
