//! The writer: one task that writes the newest state to the disk, skipping states in between.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::timeout;

use super::error::StoreError;
use super::file::Disk;
use super::state::SavedState;

/// How long after a failed write the next one is tried, if nothing changes before. It doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause: a disk with room again is used within 30 seconds, and a lost disk costs nothing.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The progress of the writer.
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
    /// Only one write runs at a time, so the mutex never waits. It keeps the directory if a write panics.
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
            // Read before the state: what was put before closing is written.
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
        // If the runtime ends, the disk is dropped, which releases it as well.
        let _ = tokio::task::spawn_blocking(move || disk.lock().release()).await;
    }

    /// Writes what is not on the disk yet; `false` if that failed.
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
        // Only the end of the runtime, or a bug, interrupts a write.
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
