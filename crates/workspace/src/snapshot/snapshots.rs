//! The snapshots of a workspace.

use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use loopwire_channel::{CommandError, Executor, Journal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::WorkspaceContext;
use crate::options::Options;
use crate::root::Root;

use super::error::closed;
use super::history::Garbage;
use super::progress::{Meter, Report};
use super::records::{Keep, SnapshotOrder};
use super::restore::{is_unfinished, restore};
use super::scan::Limits;
use super::shapes::{Created, Kind, Phase, Restored, SnapshotProgress};
use super::store::{Store, Turn};
use super::system::max_file_bytes;
use super::take::{Request, take};
use super::work::join;

/// The snapshots of a workspace. Clones share it.
#[derive(Clone)]
pub struct Snapshots(pub(super) Arc<SnapshotsInner>);

pub(super) struct SnapshotsInner {
    pub(super) root: Root,
    pub(super) journal: Arc<Journal>,
    pub(super) executor: Executor,
    pub(super) store: Store,
    /// The largest file that a snapshot holds.
    pub(super) max_file_bytes: u64,
    /// The most files that a snapshot holds.
    pub(super) max_files: u64,
    /// Which snapshots are kept.
    pub(super) keep: Keep,
    pub(super) garbage: Garbage,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl std::fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshots")
            .field("root", &self.0.root)
            .finish_non_exhaustive()
    }
}

impl Snapshots {
    /// The snapshots of the directory `root`.
    #[must_use]
    pub(crate) fn new(context: WorkspaceContext, options: &Options) -> Self {
        let stop = CancellationToken::new();
        let store = Store::new(
            context.root.clone(),
            options,
            context.guardian,
            stop.clone(),
        );
        let this = Self(Arc::new(SnapshotsInner {
            root: context.root,
            journal: context.journal,
            executor: context.executor,
            store,
            max_file_bytes: max_file_bytes(options.max_snapshot_file_bytes),
            max_files: options.max_snapshot_files,
            keep: Keep {
                count: options.max_snapshots,
                age: options.max_snapshot_age,
            },
            garbage: Garbage::default(),
            stop,
            tasks: TaskTracker::new(),
        }));
        this.recover_soon();
        this
    }

    /// Takes a snapshot of all files. It is on the disk when this returns. It goes on if this is dropped.
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `GIT_NOT_FOUND`, `ROOT_REFUSED`, `ROOT_GONE`, `TOO_MANY_FILES`, `BUSY`, `NO_SPACE`,
    /// `SNAPSHOT_FAILED`, `NO_WORKSPACE`.
    pub async fn create(
        &self,
        message: Option<String>,
        progress: impl Fn(SnapshotProgress) + Send + Sync + 'static,
    ) -> Result<Created, CommandError> {
        let order = SnapshotOrder {
            message,
            ..SnapshotOrder::default()
        };
        order.check()?;
        let report: Report = Arc::new(progress);
        let message = order.message.unwrap_or_default();
        self.create_until(message, report, self.0.stop.clone())
            .await
    }

    /// Like [`Snapshots::create`], until `stop` is cancelled.
    pub(super) async fn create_until(
        &self,
        message: String,
        report: Report,
        stop: CancellationToken,
    ) -> Result<Created, CommandError> {
        let this = self.clone();
        let began = Instant::now();
        self.run(async move {
            let turn = stop.run_until_cancelled(this.turn_with(&report)).await;
            let turn = turn.ok_or_else(closed)??;
            let request = this.request(message, Kind::Manual, &report, stop);
            let taken = Box::pin(take(&this.0.store, request)).await?;
            turn.clean();
            Ok(taken.created(began.elapsed()))
        })
        .await
    }

    pub(super) fn request(
        &self,
        message: String,
        kind: Kind,
        report: &Report,
        stop: CancellationToken,
    ) -> Request {
        let inner = &self.0;
        Request {
            root: inner.root.clone(),
            limits: Limits {
                max_bytes: inner.max_file_bytes,
                max_files: inner.max_files,
            },
            message,
            kind,
            report: Arc::clone(report),
            stop,
        }
    }

    /// Runs an operation as a task of its own, so that it does not end with whoever waits for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T, CommandError>> + Send + 'static,
    ) -> Result<T, CommandError> {
        let handle = self.0.executor.handle().ok_or_else(closed)?;
        if self.0.stop.is_cancelled() {
            return Err(closed());
        }
        join(self.0.tasks.spawn_on(operation.boxed(), &handle)).await
    }

    /// Makes the files of the workspace those of a snapshot. What they were before is in a safety snapshot. It goes on
    /// if this is dropped.
    ///
    /// # Errors
    /// Those of [`Snapshots::create`], and `SNAPSHOT_NOT_FOUND`; `RESTORE_INCOMPLETE` if some files could not be
    /// restored.
    pub async fn restore(
        &self,
        commit_hash: &str,
        progress: impl Fn(SnapshotProgress) + Send + Sync + 'static,
    ) -> Result<Restored, CommandError> {
        let report: Report = Arc::new(progress);
        self.restore_until(commit_hash, report, self.0.stop.clone())
            .await
    }

    /// Like [`Snapshots::restore`], until `stop` is cancelled. It is not given up once it replaces files.
    pub(super) async fn restore_until(
        &self,
        commit_hash: &str,
        report: Report,
        stop: CancellationToken,
    ) -> Result<Restored, CommandError> {
        let this = self.clone();
        let (began, commit_hash) = (Instant::now(), commit_hash.to_owned());
        self.run(async move {
            let turn = stop.run_until_cancelled(this.turn_with(&report)).await;
            let turn = turn.ok_or_else(closed)??;
            let store = &this.0.store;
            store.find(&commit_hash).await?;
            let message = format!("Before restoring {commit_hash}");
            let request = this.request(message, Kind::Safety, &report, stop);
            let restored = Box::pin(restore(store, &commit_hash, request, began)).await?;
            turn.clean();
            Ok(restored)
        })
        .await
    }

    /// Ends all operations and accepts no more. Returns when nothing of them runs.
    pub async fn close(&self) {
        self.kill();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Like [`Snapshots::close`], without waiting.
    pub fn kill(&self) {
        self.0.stop.cancel();
    }

    /// Waits for its turn at changing the store, and finishes a restore that was cut off.
    pub(super) async fn turn(&self) -> Result<Turn, CommandError> {
        self.turn_with(&(Arc::new(|_| {}) as Report)).await
    }

    async fn turn_with(&self, report: &Report) -> Result<Turn, CommandError> {
        Meter::begin(report, Phase::Waiting, 0);
        let turn = self.0.store.turn().await?;
        if is_unfinished(&self.0.store.place()?) {
            self.recover(report).await?;
        }
        Ok(turn)
    }
}
