//! An office: what the desks of one listener share, the engines and the place where their answers are made.

use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::Engine;
use crate::fault;
use crate::journal::Journal;

/// One listener's office.
pub(crate) struct Office {
    pub(crate) engines: Vec<Arc<dyn Engine>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) handle: Handle,
    /// The listener's own: it waits for them when it closes.
    pub(crate) tasks: TaskTracker,
    /// The listener closes.
    pub(crate) stop: CancellationToken,
}

impl Office {
    /// The engine that takes commands of that name.
    pub(crate) fn engine(&self, name: &str) -> Option<&Arc<dyn Engine>> {
        let owns = |engine: &&Arc<dyn Engine>| {
            let mut prefixes = engine.prefixes().iter();
            prefixes.any(|prefix| name.starts_with(prefix))
        };
        self.engines.iter().find(owns)
    }

    /// What a fault in a command is reported under: its prefix, because the rest is the client's to choose.
    pub(crate) fn component(name: &str) -> String {
        let prefix = name.split(':').next().unwrap_or_default();
        format!("command:{prefix}")
    }

    pub(crate) fn report(&self, component: &str, message: &str) {
        fault::report(&self.journal, component, "ERR_PANIC", message);
    }

    /// As [`fault::supervise`].
    pub(crate) async fn supervise<F: Future>(&self, component: &str, work: F) -> Option<F::Output> {
        let done = fault::supervise(&self.journal, component, work).await;
        done.ok()
    }

    /// Runs `work` until it is done or the listener closes.
    pub(crate) fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let work = async move {
            stop.run_until_cancelled(work).await;
        };
        self.tasks.spawn_on(work, &self.handle);
    }
}
