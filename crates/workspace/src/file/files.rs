//! The files of a workspace, and where their work runs.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{CommandError, Executor, Input, Journal, Peer};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::WorkspaceContext;
use crate::options::Options;
use crate::root::Root;

use super::error::{closed, too_large};
use super::streams::Streams;
use super::transfers::Transfers;
use super::turns::Turns;

/// The files of a workspace. Clones share it.
#[derive(Clone)]
pub struct Files(pub(super) Arc<FilesInner>);

pub(super) struct FilesInner {
    pub(super) root: Root,
    pub(super) max_bytes: u64,
    pub(super) journal: Arc<Journal>,
    pub(super) executor: Executor,
    /// How long a client may pause while it uploads a file.
    pub(super) upload_pause: Duration,
    pub(super) transfers: Transfers,
    pub(super) streams: Streams,
    pub(super) turns: Turns,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files")
            .field("root", &self.0.root)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// The files beneath `root`.
    #[must_use]
    pub(crate) fn new(context: WorkspaceContext, options: &Options) -> Self {
        Self(Arc::new(FilesInner {
            root: context.root,
            max_bytes: options.max_file_bytes,
            journal: context.journal,
            executor: context.executor,
            upload_pause: options.upload_pause,
            transfers: Transfers::new(),
            streams: Streams::default(),
            turns: Turns::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Whether it is the number of an upload, perhaps of one that has ended.
    #[must_use]
    pub fn owns(&self, stream: u32) -> bool {
        self.0.streams.owns(stream)
    }

    /// Takes a piece of an upload. Input that belongs to no upload is given back.
    pub fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        self.0.streams.deliver(peer, input)
    }

    /// A connection has ended: its uploads are given up.
    pub fn left(&self, peer: &Peer) {
        self.0.streams.forget(peer);
    }

    /// The number of transfers under way.
    #[must_use]
    pub fn transfers(&self) -> usize {
        self.0.transfers.count()
    }

    /// Ends all transfers and accepts no more. Returns when no temporary file is left.
    pub async fn close(&self) {
        self.kill();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Like [`Files::close`], without waiting.
    pub fn kill(&self) {
        self.0.stop.cancel();
    }

    /// Waits for a permit of the application's own.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit, CommandError> {
        self.unless_closed(self.0.transfers.own()).await?
    }

    /// Waits until `wait` is ready or the workspace closes. Work on the disk is never given up in between, so that a
    /// transfer has really ended when that is told.
    pub(super) async fn unless_closed<T>(
        &self,
        wait: impl Future<Output = T>,
    ) -> Result<T, CommandError> {
        let waited = self.0.stop.run_until_cancelled(wait).await;
        waited.ok_or_else(closed)
    }

    /// Runs work that blocks on the disk in a thread for such work.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let handle = self.0.executor.handle().ok_or_else(closed)?;
        let task = self.0.tasks.spawn_blocking_on(work, &handle);
        match task.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(closed()),
        }
    }

    pub(super) fn check_size(&self, size: u64) -> Result<(), CommandError> {
        match size > self.0.max_bytes {
            true => Err(too_large(self.0.max_bytes)),
            false => Ok(()),
        }
    }
}
