//! The end of a runtime: in order and waited for, or at once because its environment ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use loopwire_channel::{Journal, Listener};
use loopwire_forward::{Api, Engine};
use loopwire_workspace::Workspace;

use crate::runtime::Runtime;
use crate::threads::Threads;

/// How long an environment that ends waits for its threads.
const DISPOSE_TIMEOUT: Duration = Duration::from_millis(100);

/// How long an orderly `shutdown()` waits for everything to end by itself.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(5);

/// What runs, taken out of a runtime that ends.
#[derive(Debug)]
pub struct Parts {
    threads: Option<Threads>,
    journal: Option<Arc<Journal>>,
    listeners: Vec<Arc<Listener>>,
    forward: Option<Engine>,
    api: Option<Api>,
    workspace: Option<Workspace>,
}

impl Runtime {
    /// Begins an orderly stop: everything that runs is taken out, so that what is called from now on starts
    /// afresh, with a new epoch. Give the parts to [`Runtime::finish_shutdown`], in whatever thread.
    #[must_use]
    pub fn begin_shutdown(&self) -> Parts {
        self.begin(false)
    }

    /// The same for good: what would start something from now on is refused, also if it is under way.
    #[must_use]
    pub fn begin_end(&self) -> Parts {
        self.begin(true)
    }

    fn begin(&self, for_good: bool) -> Parts {
        let mut state = self.state.lock();
        state.ending += 1;
        state.ended |= for_good;
        drop(state);
        let parts = self.take();
        // From here on no callback hears anything, and the ports are free; the rest takes its time.
        parts.listeners.iter().for_each(|listener| listener.stop());
        parts.api.iter().for_each(Api::stop);
        parts.forward.iter().for_each(Engine::stop);
        parts
    }

    /// Stops everything in order and waits for it: ports are free when it returns. Blocks, so it is not
    /// for a thread of the runtime or of JavaScript.
    pub fn finish_shutdown(&self, parts: Parts) {
        let Parts {
            threads,
            journal,
            listeners,
            forward,
            api,
            workspace,
        } = parts;
        if let Some(Threads { tokio, executor }) = threads {
            // All at once: a client of one that does not read must not cost the others their time.
            let close = async {
                let listeners = join_all(listeners.iter().map(|listener| listener.close()));
                let engine = async {
                    if let Some(api) = api {
                        api.close().await;
                    }
                    if let Some(engine) = forward {
                        engine.shutdown().await;
                    }
                };
                let workspace = async {
                    if let Some(workspace) = &workspace {
                        workspace.close().await;
                    }
                };
                tokio::join!(listeners, engine, workspace);
            };
            tokio.block_on(async {
                tokio::select! {
                    _ = tokio::time::timeout(SHUTDOWN_DEADLINE, close) => {}
                    () = self.hurry.notified() => {}
                }
            });
            // Where the time was too short: nothing is left running.
            workspace.iter().for_each(Workspace::kill);
            tokio.shutdown_timeout(DISPOSE_TIMEOUT);
            executor.release();
            listeners.iter().for_each(|listener| listener.abandon());
        }
        if let Some(journal) = journal {
            journal.close();
        }
        let mut state = self.state.lock();
        state.ending -= 1;
        self.ended.notify_all();
        // Who finds that another one has taken everything waits for that one: the promise is the same.
        let deadline = Instant::now() + SHUTDOWN_DEADLINE;
        while state.ending > 0 && !self.ended.wait_until(&mut state, deadline).timed_out() {}
    }

    /// Ends everything at once, because the environment ends: whoever waits is let go, sockets are
    /// closed, threads are gone after 100 ms at the latest.
    pub fn dispose(&self) {
        let Parts {
            threads,
            journal,
            listeners,
            forward,
            api,
            workspace,
        } = self.take();
        workspace.iter().for_each(Workspace::kill);
        // Another environment may bind these ports in its next line.
        listeners.iter().for_each(|listener| listener.stop());
        forward.iter().for_each(Engine::stop);
        drop((forward, api));
        if let Some(journal) = journal {
            journal.close();
        }
        if let Some(Threads { tokio, executor }) = threads {
            tokio.shutdown_timeout(DISPOSE_TIMEOUT);
            executor.release();
            listeners.iter().for_each(|listener| listener.abandon());
        }
        // What a `shutdown()` has taken is its to end; it does so at once now.
        self.hurry.notify_one();
        let deadline = Instant::now() + 2 * DISPOSE_TIMEOUT;
        let mut state = self.state.lock();
        while state.ending > 0 && !self.ended.wait_until(&mut state, deadline).timed_out() {}
    }

    fn take(&self) -> Parts {
        let mut state = self.state.lock();
        Parts {
            threads: state.threads.take(),
            journal: state.journal.take(),
            listeners: std::mem::take(&mut state.listeners),
            forward: state.engines.forward.set(None),
            api: state.api.take(),
            workspace: state.engines.workspace.set(None),
        }
    }
}
