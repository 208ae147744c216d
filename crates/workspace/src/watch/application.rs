//! The application's own watches.

use std::sync::Arc;

use loopwire_channel::CommandError;

use super::error::{closed, ended_early};
use super::readers::{FileNotice, Reader, Ready};
use super::request::WatchRequest;
use super::wanted::Wanted;
use super::watches::{Watches, WatchesInner};

/// A watch of the application. Clones share it.
#[derive(Clone)]
pub struct FileWatch {
    reader: Arc<Reader>,
    watches: Watches,
}

impl std::fmt::Debug for FileWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileWatch").finish_non_exhaustive()
    }
}

impl Watches {
    /// Watches for the application. It begins at once; [`FileWatch::ready`] tells when everything is watched.
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `PATH_OUTSIDE`, `TOO_MANY_WATCHES`, `NO_WORKSPACE`.
    pub fn watch(&self, request: &WatchRequest) -> Result<FileWatch, CommandError> {
        let wanted = request.wanted(&self.0.root)?;
        let reader = self.0.readers.add(self.0.max)?;
        if self.0.is_closed() {
            self.0.readers.end(&reader);
            return Err(closed());
        }
        let (inner, begun) = (Arc::clone(&self.0), Arc::clone(&reader));
        self.0
            .spawn(async move { inner.begin(wanted, begun).await });
        let watches = self.clone();
        Ok(FileWatch { reader, watches })
    }
}

impl WatchesInner {
    async fn begin(self: Arc<Self>, wanted: Wanted, reader: Arc<Reader>) {
        let covered = reader.ended.run_until_cancelled(self.cover(wanted)).await;
        let ready = match covered {
            None => Err(ended_early()),
            Some(Err(refusal)) => {
                self.readers.end(&reader);
                Err(refusal)
            }
            Some(Ok((wanted, covered))) => {
                let ready = Ready::of(&covered);
                reader.begin(wanted, covered);
                Ok(ready)
            }
        };
        reader.ready.send_replace(Some(ready));
    }
}

impl FileWatch {
    /// Resolves when everything that it asks for is watched.
    ///
    /// # Errors
    /// `WATCH_LIMIT`, `PATH_OUTSIDE` and others; `GONE` if it was closed before.
    pub async fn ready(&self) -> Result<Ready, CommandError> {
        let mut ready = self.reader.ready.subscribe();
        let known = async { ready.wait_for(Option::is_some).await.ok()?.clone() };
        tokio::select! {
            biased;
            known = known => known.unwrap_or_else(|| Err(ended_early())),
            () = self.reader.ended.cancelled() => Err(ended_early()),
        }
    }

    /// The next changes; empty when the watch has ended. The future may be dropped and the method called again.
    pub async fn next(&self) -> Vec<FileNotice> {
        loop {
            if let Some(notices) = self.take() {
                return notices;
            }
            self.readable().await;
        }
    }

    /// Like [`FileWatch::next`], without waiting: `None` if there is nothing yet.
    #[must_use]
    pub fn take(&self) -> Option<Vec<FileNotice>> {
        self.reader.take()
    }

    /// Resolves when [`FileWatch::take`] has something.
    pub async fn readable(&self) {
        self.reader.readable().await;
    }

    /// Ends it: what has not been read is dropped.
    pub fn close(&self) {
        self.watches.0.readers.end(&self.reader);
    }
}
