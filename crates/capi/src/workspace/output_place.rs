//! The application's place in the output of a command.

use loopwire_runtime::{Chunk, Reader, Source, Terminal};
use tokio::sync::Mutex;

/// The stream that output comes from.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopwireSource {
    /// The standard output; with a PTY all output.
    Stdout = 1,
    /// The standard error.
    Stderr = 2,
}

impl From<Source> for LoopwireSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Stdout => Self::Stdout,
            Source::Stderr => Self::Stderr,
        }
    }
}

/// The application's place in the output.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Set while the application reads: then the command pauses for it.
    reader: Mutex<Option<Reader>>,
    /// What was read, until somebody has taken all of it.
    rest: parking_lot::Mutex<Option<Chunk>>,
}

impl Output {
    /// Waits until there is something to take; nothing at the end. Nothing is lost if nobody waits for this any more.
    pub(super) async fn fill(&self, terminal: &Terminal) -> Option<()> {
        let mut reader = self.reader.lock().await;
        if self.rest.lock().is_none() {
            let reader = reader.get_or_insert_with(|| terminal.reader(None));
            let chunk = reader.read().await?;
            *self.rest.lock() = Some(chunk);
        }
        Some(())
    }

    /// The next bytes, at most `capacity`, unless another thread has taken them.
    pub(super) fn take(&self, capacity: usize) -> Option<Chunk> {
        let mut rest = self.rest.lock();
        let mut chunk = rest.take()?;
        if chunk.bytes.len() > capacity {
            *rest = Some(Chunk {
                source: chunk.source,
                offset: chunk.offset + capacity as u64,
                bytes: chunk.bytes.split_off(capacity),
            });
        }
        Some(chunk)
    }

    /// Ends reading, unless somebody waits for output: then false.
    pub(super) fn try_stop(&self) -> bool {
        let Ok(mut reader) = self.reader.try_lock() else {
            return false;
        };
        self.end(&mut reader);
        true
    }

    /// Ends reading, behind whoever waits for output.
    pub(super) async fn stop(&self) {
        self.end(&mut *self.reader.lock().await);
    }

    fn end(&self, reader: &mut Option<Reader>) {
        *reader = None;
        *self.rest.lock() = None;
    }
}
