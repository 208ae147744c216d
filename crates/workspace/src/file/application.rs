//! What the application itself reads and writes, without a client.

use bytes::Bytes;
use loopwire_channel::CommandError;

use super::done::Done;
use super::files::Files;
use super::read::FileRange;

/// The most that [`Files::read`] brings into memory, whatever the largest file may be.
const MAX_IN_MEMORY: u64 = 1 << 30;

impl Files {
    /// Reads a file, or `length` bytes of it from `offset` on, into memory.
    ///
    /// # Errors
    /// As `file:read`.
    pub async fn read(
        &self,
        path: &str,
        offset: u64,
        length: Option<u64>,
    ) -> Result<Vec<u8>, CommandError> {
        let _permit = self.permit().await?;
        let (root, path) = (self.0.root.clone(), path.to_owned());
        let max_bytes = self.0.max_bytes.min(MAX_IN_MEMORY);
        self.blocking(move || FileRange::open(&root, &path, offset, length, max_bytes)?.whole())
            .await
    }

    /// Writes a file, whole or not at all. `mode` are its permission bits; without them it keeps those it had.
    ///
    /// # Errors
    /// As `file:write`.
    pub async fn write(
        &self,
        path: &str,
        bytes: impl Into<Bytes>,
        mode: Option<u32>,
    ) -> Result<Done, CommandError> {
        let _permit = self.permit().await?;
        self.write_whole(path.to_owned(), bytes.into(), mode).await
    }
}
