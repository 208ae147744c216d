//! The task scope of one listener: it runs the tasks of commands and reports their panics.

use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::executor::Executor;
use crate::fault;
use crate::journal::Journal;

/// Runs the tasks of one listener.
pub(crate) struct TaskScope {
    journal: Arc<Journal>,
    executor: Executor,
    /// The listener waits for these tasks when it closes.
    tasks: TaskTracker,
    /// Cancelled when the listener closes.
    stop: CancellationToken,
}

impl TaskScope {
    pub(crate) const fn new(
        journal: Arc<Journal>,
        executor: Executor,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            journal,
            executor,
            tasks,
            stop,
        }
    }

    /// The component of a fault in a command: only the prefix of its name, because the client chooses the rest.
    pub(super) fn component(name: &str) -> String {
        let prefix = name.split(':').next().unwrap_or_default();
        format!("command:{prefix}")
    }

    pub(super) fn report(&self, component: &str, message: &str) {
        fault::report(&self.journal, component, "ERR_PANIC", message);
    }

    /// Like [`fault::supervise`].
    pub(super) async fn supervise<F: Future>(&self, component: &str, work: F) -> Option<F::Output> {
        let done = fault::supervise(&self.journal, component, work).await;
        done.ok()
    }

    /// Runs `work` until it has ended or the listener closes.
    pub(crate) fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let (stop, work) = (self.stop.clone(), work.boxed());
        let work = async move {
            stop.run_until_cancelled(work).await;
        };
        // Without a runtime the listener is closed.
        if let Some(handle) = self.executor.handle() {
            self.tasks.spawn_on(work, &handle);
        }
    }
}
