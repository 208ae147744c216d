//! Turns: operations on one store come one after another, in this process and in others.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::CommandError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::snapshot::error::{busy, store_error};

/// How many operations wait for their turn, that of the one that has it included. Each waits for the one before, so
/// more would only wait longer.
const MAX_QUEUED: usize = 16;

/// How often the lock of another process is tried.
const RETRY: Duration = Duration::from_millis(20);

/// How long to wait for another process: longer than a first snapshot of a very large workspace takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// The file whose lock says who may change the store.
const LOCK: &str = "lock";

/// Who is in the queue of this process.
pub(super) struct Turns {
    queue: Arc<Semaphore>,
    first: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
            first: Arc::new(Semaphore::new(1)),
        }
    }
}

/// The right to change the store, until it is dropped.
pub(crate) struct Turn {
    lock: File,
    /// Whether the operation before, perhaps one of another process, was cut off.
    cut_off: bool,
    _first: OwnedSemaphorePermit,
    _queue: OwnedSemaphorePermit,
}

impl Turns {
    /// Waits for the turn. `place` is the store's directory.
    pub(super) async fn take(&self, place: &Path) -> Result<Turn, CommandError> {
        let full =
            || busy("too many operations on snapshots are waiting; try again when some have ended");
        let queue = Arc::clone(&self.queue).try_acquire_owned();
        let queue = queue.map_err(|_| full())?;
        let first = Arc::clone(&self.first).acquire_owned().await;
        let first = first.map_err(|_| full())?;
        let path = place.join(LOCK);
        let failed = |error| store_error("the store cannot be locked", &path, &error);
        let mut options = File::options();
        options.create(true).truncate(false).read(true).write(true);
        let mut lock = options
            .open(&path)
            .map_err(|error| failed(error).during("open"))?;
        let since = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) if since.elapsed() > PATIENCE => {
                    return Err(busy(
                        "another process has used the snapshots of this workspace for ten minutes",
                    ));
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(RETRY).await,
            }
        }
        let mut mark = Vec::new();
        lock.read_to_end(&mut mark).map_err(failed)?;
        if mark.is_empty() {
            lock.write_all(b"in use\n").map_err(failed)?;
        }
        Ok(Turn {
            lock,
            cut_off: !mark.is_empty(),
            _first: first,
            _queue: queue,
        })
    }
}

impl Turn {
    /// Whether the operation before was cut off, so that something of it may lie around.
    pub(super) const fn cut_off(&self) -> bool {
        self.cut_off
    }

    /// Says that nothing of the operation lies around. Without that, the next turn sweeps the store.
    pub(crate) fn clean(mut self) {
        let _ = self.lock.rewind().and_then(|()| self.lock.set_len(0));
    }
}
