//! The files of a workspace: the limit on transfers, and where their work runs.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{CommandError, Executor, Input, Journal, Peer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::options::Options;
use crate::root::Root;

use super::error::{closed, too_large};
use super::streams::Streams;
use super::turns::Turns;

/// The largest number of transfers of clients at a time, and of the application's own. Each holds up to half a megabyte
/// of a file, a descriptor, and a thread while it waits for the disk.
const MAX_TRANSFERS: usize = 64;

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
    pub(super) permits: Arc<Semaphore>,
    /// The application's own, so that clients that pause do not make it wait.
    pub(super) own_permits: Arc<Semaphore>,
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
    pub fn new(root: Root, options: &Options, journal: Arc<Journal>, executor: Executor) -> Self {
        Self(Arc::new(FilesInner {
            root,
            max_bytes: options.max_file_bytes,
            journal,
            executor,
            upload_pause: options.upload_pause,
            permits: Arc::new(Semaphore::new(MAX_TRANSFERS)),
            own_permits: Arc::new(Semaphore::new(MAX_TRANSFERS)),
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
        let free = self.0.permits.available_permits() + self.0.own_permits.available_permits();
        2 * MAX_TRANSFERS - free
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
        let permit = Arc::clone(&self.0.own_permits).acquire_owned();
        self.unless_closed(permit).await?.map_err(|_| closed())
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
