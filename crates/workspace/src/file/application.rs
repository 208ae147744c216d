//! What the application itself reads and writes.

use bytes::Bytes;
use loopwire_channel::CommandError;
use tokio_util::sync::CancellationToken;

use super::done::Done;
use super::error::cancelled;
use super::files::Files;
use super::read::FileRange;

/// The most that [`Files::read`] reads into memory, whatever `maxFileBytes` is.
const MAX_IN_MEMORY: u64 = 1 << 30;

impl Files {
    /// Reads a file, or `length` bytes of it from `offset` on, into memory.
    ///
    /// # Errors
    /// Like `file:read`.
    pub async fn read(
        &self,
        path: &str,
        offset: u64,
        length: Option<u64>,
    ) -> Result<Vec<u8>, CommandError> {
        self.read_unless(path, offset, length, &CancellationToken::new())
            .await
    }

    /// As [`Files::read`], unless it is cancelled before the file is opened.
    ///
    /// # Errors
    /// As [`Files::read`], and `CANCELLED`.
    pub async fn read_unless(
        &self,
        path: &str,
        offset: u64,
        length: Option<u64>,
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, CommandError> {
        let permit = cancel.run_until_cancelled(self.permit()).await;
        let _permit = permit.ok_or_else(cancelled)??;
        let (root, path) = (self.0.root.clone(), path.to_owned());
        let max_bytes = self.0.max_bytes.min(MAX_IN_MEMORY);
        let cancel = cancel.clone();
        self.blocking(move || {
            if cancel.is_cancelled() {
                return Err(cancelled());
            }
            let range = FileRange::open(&root, &path, offset, length, max_bytes);
            let range = range.map_err(|refusal| refusal.during("open"))?;
            range.whole().map_err(|refusal| refusal.during("read"))
        })
        .await
    }

    /// Writes a file as a whole or not at all. `mode` holds the permission bits; without it the file keeps those it
    /// has.
    ///
    /// # Errors
    /// Like `file:write`.
    pub async fn write(
        &self,
        path: &str,
        bytes: impl Into<Bytes>,
        mode: Option<u32>,
    ) -> Result<Done, CommandError> {
        self.write_unless(path, bytes, mode, &CancellationToken::new())
            .await
    }

    /// As [`Files::write`], unless it is cancelled before the file is replaced.
    ///
    /// # Errors
    /// As [`Files::write`], and `CANCELLED`.
    pub async fn write_unless(
        &self,
        path: &str,
        bytes: impl Into<Bytes>,
        mode: Option<u32>,
        cancel: &CancellationToken,
    ) -> Result<Done, CommandError> {
        let permit = cancel.run_until_cancelled(self.permit()).await;
        let _permit = permit.ok_or_else(cancelled)??;
        let writing = self.write_whole(path.to_owned(), bytes.into(), mode, cancel.clone());
        writing.await.map_err(|refusal| refusal.during("open"))
    }
}
