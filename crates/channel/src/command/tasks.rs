//! The tasks of one listener: where the answers to its commands are made, and what becomes of a panic.

use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::fault;
use crate::journal::Journal;

/// Where the tasks of one listener run.
pub(crate) struct TaskScope {
    journal: Arc<Journal>,
    handle: Handle,
    /// The listener's own: it waits for them when it closes.
    tasks: TaskTracker,
    /// The listener closes.
    stop: CancellationToken,
}

impl TaskScope {
    pub(crate) const fn new(
        journal: Arc<Journal>,
        handle: Handle,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            journal,
            handle,
            tasks,
            stop,
        }
    }

    /// What a fault in a command is reported under: its prefix, because the rest is the client's to choose.
    pub(super) fn component(name: &str) -> String {
        let prefix = name.split(':').next().unwrap_or_default();
        format!("command:{prefix}")
    }

    pub(super) fn report(&self, component: &str, message: &str) {
        fault::report(&self.journal, component, "ERR_PANIC", message);
    }

    /// As [`fault::supervise`].
    pub(super) async fn supervise<F: Future>(&self, component: &str, work: F) -> Option<F::Output> {
        let done = fault::supervise(&self.journal, component, work).await;
        done.ok()
    }

    /// Runs `work` until it is done or the listener closes.
    pub(super) fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let work = async move {
            stop.run_until_cancelled(work).await;
        };
        self.tasks.spawn_on(work, &self.handle);
    }
}
