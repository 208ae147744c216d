//! The writer: one task that brings the newest state to the disk, whatever came in between.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::timeout;

use super::error::StoreError;
use super::file::Disk;
use super::state::SavedState;

/// How long after a failed write the next one is tried, if nothing changes before. It doubles from time to time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// As long as it gets: a disk with room again is used within half a minute, and a lost one costs nothing.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How far the writer has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// The last version on the disk.
    pub(super) written: u64,
    /// The last version that was tried.
    pub(super) tried: u64,
    /// Why the last attempt failed.
    pub(super) error: Option<StoreError>,
    #[cfg(test)]
    pub(super) attempts: u64,
}

pub(super) struct Writer {
    /// Only one write is under way at a time: the mutex is never waited for. It is there so that the directory
    /// survives a write that ended badly.
    disk: Arc<Mutex<Disk>>,
    wanted: watch::Receiver<SavedState>,
    progress: watch::Sender<Progress>,
}

impl Writer {
    pub(super) fn new(
        disk: Disk,
        wanted: watch::Receiver<SavedState>,
        progress: watch::Sender<Progress>,
    ) -> Self {
        let disk = Arc::new(Mutex::new(disk));
        Self {
            disk,
            wanted,
            progress,
        }
    }

    /// Writes until the store is closed or its last handle dropped.
    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        let mut last = false;
        loop {
            // Asked before the state is taken: what was put before closing gets its write.
            last |= self.wanted.borrow().closing;
            let failing = !self.write_pending().await;
            if last {
                break;
            }
            let changed = self.wanted.changed();
            last = if failing {
                match timeout(pause, changed).await {
                    Ok(woken) => woken.is_err(),
                    Err(_) => {
                        pause = (pause * 2).min(LONGEST_PAUSE);
                        false
                    }
                }
            } else {
                pause = FIRST_PAUSE;
                changed.await.is_err()
            };
        }
        let disk = Arc::clone(&self.disk);
        // A runtime that ends drops the disk, which releases it as well.
        let _ = tokio::task::spawn_blocking(move || disk.lock().release()).await;
    }

    /// Writes what is not on the disk; `false` if that failed.
    async fn write_pending(&mut self) -> bool {
        let written = self.progress.borrow().written;
        let state = {
            let state = self.wanted.borrow_and_update();
            if state.version == written {
                return true;
            }
            state.clone()
        };
        let (version, ports) = (state.version, state.ports);
        let disk = Arc::clone(&self.disk);
        let writing = tokio::task::spawn_blocking(move || {
            disk.lock().write(ports.values().map(AsRef::as_ref))
        });
        // Only a runtime that ends, or a bug, breaks a write off.
        let outcome = writing.await.unwrap_or(Err(StoreError::Closed));
        self.progress.send_modify(|progress| {
            progress.tried = version;
            if outcome.is_ok() {
                progress.written = version;
            }
            progress.error = outcome
                .inspect_err(|error| tracing::warn!(%error, "the ports could not be saved"))
                .err();
            #[cfg(test)]
            {
                progress.attempts += 1;
            }
        });
        self.progress.borrow().error.is_none()
    }
}
