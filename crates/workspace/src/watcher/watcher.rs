//! The watcher of a workspace: scopes come and go, one thread watches for all of them.

use std::fmt;
use std::sync::Arc;

use loopwire_channel::{CommandError, Executor, Journal};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::root::Root;

use super::limits::WatcherLimits;
use super::notices::{NoticeQueue, Notices};
use super::scope::Scope;
use super::thread::{Control, Shared};

/// The watcher of a workspace. Clones share it. Nothing is watched and no thread runs unless something is covered.
#[derive(Clone)]
pub(crate) struct Watcher(Arc<Shared>);

/// A scope that is being watched, until this is dropped. Then the directories that no other scope needs are released.
pub(crate) struct Covered {
    /// The number of directories that are watched for this scope.
    pub(crate) directories: usize,
    /// Why a part of them is compared at intervals, if it is: one sentence, with what to do.
    pub(crate) polling: Option<String>,
    /// Releases it.
    held: Held,
}

/// A scope that was asked for. Dropped, it is not needed any more.
struct Held {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.release(self.number);
    }
}

impl fmt::Debug for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Covered")
            .field("number", &self.held.number)
            .field("directories", &self.directories)
            .field("polling", &self.polling)
            .finish_non_exhaustive()
    }
}

impl Watcher {
    /// A watcher of what is beneath `root`.
    pub(crate) fn new(
        root: Root,
        limits: WatcherLimits,
        executor: Executor,
        journal: Arc<Journal>,
    ) -> Self {
        // Its thread is its own: reading a large tree takes longer than the runtime's threads should.
        drop(executor);
        Self(Arc::new(Shared {
            path: root.path().to_owned(),
            limits,
            journal,
            notices: Arc::new(NoticeQueue::new(limits.max_notices)),
            control: Mutex::new(Control::default()),
            ended: Notify::new(),
        }))
    }

    /// Watches what a scope covers. Resolves when every directory of it is watched: no later change is missed. What is
    /// there already is not told.
    ///
    /// # Errors
    /// `WATCH_LIMIT` if it has more directories than may be watched: it names the limit, the number and the remedy.
    /// `NO_WORKSPACE` if the watcher is closed. A base that does not exist is no error: it is watched when it is there.
    pub(crate) async fn cover(&self, scope: Scope) -> Result<Covered, CommandError> {
        let (number, answered) = self.0.cover(scope)?;
        // If the caller gives up, it is released.
        let shared = Arc::clone(&self.0);
        let held = Held { shared, number };
        let report = answered.await.map_err(|_| {
            CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
        })??;
        Ok(Covered {
            directories: report.directories,
            polling: report.polling,
            held,
        })
    }

    /// The stream of notices, for one reader.
    pub(crate) fn notices(&self) -> Notices {
        Notices::new(Arc::clone(&self.0.notices))
    }

    /// The system's number of the thread.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn thread(&self) -> Option<i32> {
        self.0.control.lock().thread
    }

    /// Ends watching. Returns when the thread has ended.
    pub(crate) async fn close(&self) {
        self.0.close();
        loop {
            let ended = self.0.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if !self.0.is_running() {
                break;
            }
            ended.await;
        }
        self.0.notices.close();
    }
}
