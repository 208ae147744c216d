//! The queues of the application's own watches.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use loopwire_channel::{CommandError, json};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::watcher::{Change, Covered};

use super::change::{FileChange, slashed};
use super::wanted::{Seen, Sight, Wanted};

/// The changes that wait for a reader. With more, they are dropped and it is told of an overflow. About 4 MB; a checkout
/// of a large repository fits.
const MAX_WAITING: usize = 16_384;

/// The most that a reader gets at once, so that the application's thread is not held for long.
const MAX_BATCH: usize = 1_024;

/// What a watch of the application tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNotice {
    /// A file changed.
    Changed(FileChange),
    /// Changes were missed: the reader was too slow, or the system dropped them.
    Overflow {
        /// The root of the workspace.
        root: String,
        /// When that was seen: `2025-10-16T12:00:00.000Z`.
        timestamp: String,
    },
}

impl FileNotice {
    fn overflow(root: &str) -> Self {
        Self::Overflow {
            root: root.to_owned(),
            timestamp: json::timestamp(SystemTime::now()),
        }
    }
}

/// That a watch has begun: what the application is told, and the data of `file:watching`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// How many directories are watched for it.
    pub directories: usize,
    /// Why a part of them is compared at intervals, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polling: Option<String>,
}

impl Ready {
    pub(super) fn of(covered: &[Covered]) -> Self {
        Self {
            directories: covered.iter().map(|one| one.directories).sum(),
            polling: covered.iter().find_map(|one| one.polling.clone()),
        }
    }
}

/// The queue of one watch, which the application reads.
pub(super) struct Reader {
    queue: Mutex<Queue>,
    changed: Notify,
    pub(super) ended: CancellationToken,
    /// How it has begun, once that is known.
    pub(super) ready: watch::Sender<Option<Result<Ready, CommandError>>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<FileNotice>,
    /// What it wants to hear of, and what is covered for it, once it has begun.
    begun: Option<(Wanted, Vec<Covered>)>,
}

/// The watches of the application.
#[derive(Default)]
pub(super) struct Readers(Mutex<Vec<Arc<Reader>>>);

impl Reader {
    /// The next changes; empty when the watch has ended. `None` if there are none yet.
    pub(super) fn take(&self) -> Option<Vec<FileNotice>> {
        let mut queue = self.queue.lock();
        let most = queue.waiting.len().min(MAX_BATCH);
        let any = most > 0 || self.ended.is_cancelled();
        any.then(|| queue.waiting.drain(..most).collect())
    }

    /// Resolves when there are changes, or when the watch has ended.
    pub(super) async fn readable(&self) {
        loop {
            let changed = self.changed.notified();
            if !self.queue.lock().waiting.is_empty() {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = self.ended.cancelled() => return,
            }
        }
    }

    /// It hears of changes from now on. What is covered for a watch that has ended is dropped.
    pub(super) fn begin(&self, wanted: Wanted, covered: Vec<Covered>) {
        let mut queue = self.queue.lock();
        let begun = Some((wanted, covered));
        let unused = match self.ended.is_cancelled() {
            true => begun,
            false => std::mem::replace(&mut queue.begun, begun),
        };
        drop(queue);
        drop(unused);
    }

    fn push(&self, notice: FileNotice, root: &str) {
        let mut queue = self.queue.lock();
        if queue.waiting.len() >= MAX_WAITING {
            queue.waiting.clear();
            queue.waiting.push_back(FileNotice::overflow(root));
        }
        // Two in a row say no more than one.
        if !matches!(
            (&notice, queue.waiting.back()),
            (
                FileNotice::Overflow { .. },
                Some(FileNotice::Overflow { .. })
            )
        ) {
            queue.waiting.push_back(notice);
        }
        drop(queue);
        self.changed.notify_one();
    }

    /// What it hears of a change.
    fn sight(&self, seen: &Seen<'_>) -> Sight {
        let queue = self.queue.lock();
        let begun = queue.begun.as_ref();
        begun
            .map(|(wanted, _)| wanted.sight(seen))
            .unwrap_or_default()
    }

    /// Ends it. What was covered is dropped without the lock.
    fn end(&self) {
        self.ended.cancel();
        let (begun, waiting) = {
            let mut queue = self.queue.lock();
            (queue.begun.take(), std::mem::take(&mut queue.waiting))
        };
        drop((begun, waiting));
        self.changed.notify_one();
    }
}

impl Readers {
    pub(super) fn count(&self) -> usize {
        self.0.lock().len()
    }

    /// A new watch.
    pub(super) fn add(&self, most: usize) -> Result<Arc<Reader>, CommandError> {
        let mut readers = self.0.lock();
        if readers.len() >= most {
            let message = format!(
                "the application has {most} watches already (option maxWatches); close one, or name several paths in one \
                 watch"
            );
            return Err(CommandError::new("TOO_MANY_WATCHES", message));
        }
        let reader = Arc::new(Reader {
            queue: Mutex::default(),
            changed: Notify::new(),
            ended: CancellationToken::new(),
            ready: watch::Sender::new(None),
        });
        readers.push(Arc::clone(&reader));
        Ok(reader)
    }

    pub(super) fn end(&self, reader: &Arc<Reader>) {
        self.0.lock().retain(|one| !Arc::ptr_eq(one, reader));
        reader.end();
    }

    pub(super) fn close(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        for reader in all {
            reader.end();
        }
    }

    /// Tells every watch that has begun that changes were missed.
    pub(super) fn overflow(&self, root: &str) {
        for reader in self.0.lock().iter() {
            if reader.queue.lock().begun.is_some() {
                reader.push(FileNotice::overflow(root), root);
            }
        }
    }

    /// Tells the watches of a change that they match.
    pub(super) fn tell(&self, change: &Change, told: &FileChange, root: &str) {
        let readers = self.0.lock();
        if readers.is_empty() {
            return;
        }
        let path = slashed(&change.path);
        let old = change.old_path.as_deref().map(slashed);
        let seen = Seen {
            kind: change.kind,
            path: &path,
            old_path: old.as_deref(),
            replaced: change.replaced,
            hidden: change.hidden,
        };
        for reader in readers.iter() {
            let sight = reader.sight(&seen);
            if sight.whole {
                reader.push(FileNotice::Changed(told.clone()), root);
            }
            if sight.deleted {
                reader.push(FileNotice::Changed(told.clone().gone()), root);
            }
            if sight.created {
                let arrived = told.clone().arrived(change.replaced);
                reader.push(FileNotice::Changed(arrived), root);
            }
        }
    }
}

#[cfg(test)]
#[path = "readers_test.rs"]
mod tests;
