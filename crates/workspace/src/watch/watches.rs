//! The watches of a workspace: who hears of what, and where changes are seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use loopwire_channel::{CommandError, Executor, Journal, Peer, fault};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::WorkspaceContext;
use crate::options::{Options, Watch};
use crate::root::Root;
use crate::watcher::{Covered, Scope, Watcher, WatcherLimits};

use super::error::closed;
use super::place::{resolve, scopes};
use super::readers::Readers;
use super::register::Register;
use super::wanted::Wanted;

/// The watches of a workspace. Clones share them.
#[derive(Clone)]
pub struct Watches(pub(super) Arc<WatchesInner>);

pub(super) struct WatchesInner {
    pub(super) root: Root,
    /// The largest number of watches of clients, and of the application.
    pub(super) max: usize,
    pub(super) journal: Arc<Journal>,
    executor: Executor,
    pub(super) watcher: Watcher,
    pub(super) register: Mutex<Register>,
    /// The watches of the application.
    pub(super) readers: Readers,
    auto: bool,
    /// Somebody may hear of everything: it is covered, or being covered.
    begun: AtomicBool,
    /// What is covered for those who have asked for nothing.
    everything: Mutex<Option<Covered>>,
    /// The task that publishes changes has been started.
    publishing: AtomicBool,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Watches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watches")
            .field("root", &self.0.root)
            .finish_non_exhaustive()
    }
}

impl Watches {
    /// No watches yet. Nothing is watched before somebody can hear of it.
    #[must_use]
    pub(crate) fn new(context: WorkspaceContext, options: &Options) -> Self {
        let watcher = Watcher::new(
            context.root.clone(),
            WatcherLimits::default(),
            context.executor.clone(),
            Arc::clone(&context.journal),
        );
        Self(Arc::new(WatchesInner {
            root: context.root,
            max: options.max_watches,
            journal: context.journal,
            executor: context.executor,
            watcher,
            register: Mutex::default(),
            readers: Readers::default(),
            auto: options.watch == Watch::Auto,
            begun: AtomicBool::new(false),
            everything: Mutex::new(None),
            publishing: AtomicBool::new(false),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Somebody may listen from now on. With `watch: 'auto'` everything is watched for connections that have asked for
    /// nothing. It does not wait for that, since a large tree takes time.
    pub fn listened(&self) {
        if !self.0.auto || self.0.begun.swap(true, Ordering::AcqRel) {
            return;
        }
        let inner = Arc::clone(&self.0);
        let journal = Arc::clone(&self.0.journal);
        self.0.spawn(async move {
            let work = inner.cover_everything();
            let _ = fault::supervise(&journal, "workspace:watch", work).await;
        });
    }

    /// Whether everything is watched.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.is_everything()
    }

    /// The number of watches, of clients and of the application.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.register.lock().count() + self.0.readers.count()
    }

    /// A connection has ended, and with it its watches.
    pub fn left(&self, peer: &Peer) {
        let ended = self.0.register.lock().forget(peer);
        drop(ended);
    }

    /// Ends all watches and accepts no more. Returns when nothing is watched.
    pub async fn close(&self) {
        self.kill();
        self.0.watcher.close().await;
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Like [`Watches::close`], without waiting.
    pub fn kill(&self) {
        self.0.stop.cancel();
        let ended = self.0.register.lock().close();
        drop(ended);
        let everything = self.0.everything.lock().take();
        drop(everything);
        self.0.readers.close();
    }
}

impl WatchesInner {
    /// The root's path, as it is in events.
    pub(super) fn root_text(&self) -> String {
        self.root.path().to_string_lossy().into_owned()
    }

    pub(super) fn is_everything(&self) -> bool {
        self.everything.lock().is_some()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Runs work until it has ended or the workspace closes.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let (stop, work) = (self.stop.clone(), work.boxed());
        // Without a runtime everything is closed.
        if let Some(handle) = self.executor.handle() {
            let work = async move {
                stop.run_until_cancelled(work).await;
            };
            self.tasks.spawn_on(work, &handle);
        }
    }

    /// Covers what a watch needs. Resolves when all of it is watched.
    pub(super) async fn cover(
        self: &Arc<Self>,
        mut wanted: Wanted,
    ) -> Result<(Wanted, Vec<Covered>), CommandError> {
        self.publish_changes();
        let handle = self.executor.handle().ok_or_else(closed)?;
        let root = self.root.clone();
        let resolved = handle.spawn_blocking(move || {
            resolve(&mut wanted.selection, &root)?;
            Ok(wanted)
        });
        let wanted = resolved.await.unwrap_or_else(|_| Err(closed()))?;
        let mut covered = Vec::new();
        for scope in scopes(&wanted) {
            covered.push(self.watcher.cover(scope).await?);
        }
        Ok((wanted, covered))
    }

    async fn cover_everything(self: &Arc<Self>) {
        self.publish_changes();
        match self.watcher.cover(Scope::default()).await {
            Ok(covered) => {
                let mut everything = self.everything.lock();
                if !self.is_closed() {
                    *everything = Some(covered);
                }
            }
            Err(refusal) if self.is_closed() => drop(refusal),
            // Nobody has asked for it, so nobody gets an answer. The workspace does without: clients may watch a part.
            Err(refusal) => {
                let message = format!("the whole workspace is not watched: {}", refusal.message);
                fault::report(&self.journal, "workspace:watch", &refusal.code, &message);
                self.say_overflow(true).await;
            }
        }
    }

    /// Starts the task that publishes changes, unless it runs already.
    fn publish_changes(self: &Arc<Self>) {
        if self.publishing.swap(true, Ordering::AcqRel) {
            return;
        }
        let notices = self.watcher.notices();
        let inner = Arc::clone(self);
        let journal = Arc::clone(&self.journal);
        self.spawn(async move {
            let work = inner.publish(notices);
            let _ = fault::supervise(&journal, "workspace:watch", work).await;
        });
    }
}
