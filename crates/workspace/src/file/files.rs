//! The files of a workspace: how many transfers may be under way, and where their work runs.

use std::panic::resume_unwind;
use std::sync::Arc;

use loopwire_channel::{CommandError, Input, Journal, Peer};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::options::Options;
use crate::root::Root;

use super::error::{closed, too_large};
use super::streams::Streams;

/// Transfers that may be under way at a time. Each has up to half a megabyte of a file in memory, a descriptor,
/// and a thread while it waits for the disk.
const MAX_TRANSFERS: usize = 64;

/// The files of a workspace. Its clones are the same.
#[derive(Clone)]
pub struct Files(pub(super) Arc<FilesInner>);

pub(super) struct FilesInner {
    pub(super) root: Root,
    pub(super) max_bytes: u64,
    pub(super) journal: Arc<Journal>,
    pub(super) handle: Handle,
    pub(super) permits: Arc<Semaphore>,
    pub(super) streams: Streams,
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
    pub fn new(root: Root, options: &Options, journal: Arc<Journal>, handle: Handle) -> Self {
        Self(Arc::new(FilesInner {
            root,
            max_bytes: options.max_file_bytes,
            journal,
            handle,
            permits: Arc::new(Semaphore::new(MAX_TRANSFERS)),
            streams: Streams::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Takes a piece of a file that a client writes; gives back what is none.
    pub fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        self.0.streams.deliver(peer, input)
    }

    /// A connection has ended: what it was writing comes to nothing.
    pub fn left(&self, peer: &Peer) {
        self.0.streams.forget(peer);
    }

    /// Transfers under way.
    #[must_use]
    pub fn transfers(&self) -> usize {
        MAX_TRANSFERS - self.0.permits.available_permits()
    }

    /// Gives up what is under way and takes nothing more. Returns when no temporary file is left.
    pub async fn close(&self) {
        self.kill();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// As [`Files::close`], without waiting.
    pub fn kill(&self) {
        self.0.stop.cancel();
    }

    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit, CommandError> {
        let permit = Arc::clone(&self.0.permits).acquire_owned();
        self.unless_closed(permit).await?.map_err(|_| closed())
    }

    /// Waits for something that is not the disk, until the workspace closes. What waits for the disk is never given
    /// up: whoever hears of the end must not find it under way.
    pub(super) async fn unless_closed<T>(
        &self,
        wait: impl Future<Output = T>,
    ) -> Result<T, CommandError> {
        let waited = self.0.stop.run_until_cancelled(wait).await;
        waited.ok_or_else(closed)
    }

    /// Runs what waits for the disk where that holds nobody up.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let task = self.0.tasks.spawn_blocking_on(work, &self.0.handle);
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
