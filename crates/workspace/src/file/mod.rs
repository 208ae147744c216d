//! Files: what clients and the application read and write beneath the root.

mod ask;
mod pipe;
mod receive;
mod send;
mod source;
mod streams;
mod temp;

use std::panic::resume_unwind;
use std::sync::Arc;

use bytes::Bytes;
use loopwire_channel::{Command, Input, Journal, Peer, Refusal, Reply, fault};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::ask::{ReadAsk, WriteAsk};
use self::source::Source;
use self::streams::Streams;
use self::temp::Temp;
use crate::options::Options;
use crate::root::Root;

/// Transfers that may be under way at a time. Each has up to half a megabyte of a file in memory, a descriptor,
/// and a thread while it waits for the disk.
const MAX_TRANSFERS: usize = 64;

/// The most that [`Files::read`] brings into memory, whatever the largest file may be.
const MAX_IN_MEMORY: u64 = 1 << 30;

/// What a transfer says at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The path, as it was given.
    pub path: String,
    /// How many bytes were carried.
    pub size: u64,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The files of a workspace. Its clones are the same.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    root: Root,
    max_bytes: u64,
    journal: Arc<Journal>,
    handle: Handle,
    places: Arc<Semaphore>,
    streams: Streams,
    stop: CancellationToken,
    tasks: TaskTracker,
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
        Self(Arc::new(Inner {
            root,
            max_bytes: options.max_file_bytes,
            journal,
            handle,
            places: Arc::new(Semaphore::new(MAX_TRANSFERS)),
            streams: Streams::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Carries out `file:read` or `file:write`.
    pub fn command(&self, command: Command) {
        match command.name() {
            "file:read" => {
                if let Some((ask, reply)) = command.read(ReadAsk::EXPECTED) {
                    self.begin(reply, |files, reply| files.send(ask, reply));
                }
            }
            "file:write" => {
                if let Some((ask, reply)) = command.read(WriteAsk::EXPECTED) {
                    self.begin(reply, |files, reply| files.receive(ask, reply));
                }
            }
            "file:watch" | "file:unwatch" => {
                command.refuse("NOT_ENABLED", "this version does not watch files");
            }
            _ => command.unknown(),
        }
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
        MAX_TRANSFERS - self.0.places.available_permits()
    }

    /// Reads a file, or `length` bytes of it from `offset` on, into memory.
    ///
    /// # Errors
    /// As `file:read`.
    pub async fn read(
        &self,
        path: &str,
        offset: u64,
        length: Option<u64>,
    ) -> Result<Vec<u8>, Refusal> {
        let _place = self.place().await?;
        let (root, path) = (self.0.root.clone(), path.to_owned());
        let max_bytes = self.0.max_bytes.min(MAX_IN_MEMORY);
        self.blocking(move || Source::open(&root, &path, offset, length, max_bytes)?.whole())
            .await
    }

    /// Writes a file, whole or not at all. `mode` are its permission bits; without them it keeps those it had.
    ///
    /// # Errors
    /// As `file:write`.
    pub async fn write(
        &self,
        path: &str,
        bytes: impl Into<Bytes>,
        mode: Option<u32>,
    ) -> Result<Done, Refusal> {
        let _place = self.place().await?;
        self.write_whole(path.to_owned(), bytes.into(), mode).await
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

    async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if self.0.stop.is_cancelled() {
            return Err(closed());
        }
        let place = Arc::clone(&self.0.places).acquire_owned();
        let place = self.0.stop.run_until_cancelled(place).await;
        place.ok_or_else(closed)?.map_err(|_| closed())
    }

    /// Runs a command's work in a task of its own, which ends with the workspace.
    fn begin<F>(&self, reply: Reply, work: impl FnOnce(Self, Reply) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if self.0.stop.is_cancelled() {
            let refusal = closed();
            return reply.refuse(&refusal.code, &refusal.message);
        }
        let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else {
            let message = "too many files are being read and written; try again when one is done";
            return reply.refuse("TOO_MANY_TRANSFERS", message);
        };
        let (journal, work) = (Arc::clone(&self.0.journal), work(self.clone(), reply));
        let work = async move {
            // A panic has been reported, and the reply has said INTERNAL.
            let _ = fault::supervise(&journal, "command:file", work).await;
            drop(place);
        };
        self.0.tasks.spawn_on(work, &self.0.handle);
    }

    /// Runs what waits for the disk where that holds nobody up.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let task = self.0.tasks.spawn_blocking_on(work, &self.0.handle);
        match task.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(closed()),
        }
    }

    async fn write_whole(
        &self,
        path: String,
        bytes: Bytes,
        mode: Option<u32>,
    ) -> Result<Done, Refusal> {
        let size = bytes.len() as u64;
        self.check_size(size)?;
        let root = self.0.root.clone();
        self.blocking(move || {
            let mut temp = Temp::create(root.place(&path)?, size, mode)?;
            temp.write(&bytes)?;
            temp.land(path)
        })
        .await
    }

    fn check_size(&self, size: u64) -> Result<(), Refusal> {
        match size > self.0.max_bytes {
            true => Err(too_large(self.0.max_bytes)),
            false => Ok(()),
        }
    }
}

fn too_large(max_bytes: u64) -> Refusal {
    let message =
        format!("more than the {max_bytes} bytes that the application allows (maxFileBytes)");
    Refusal::new("FILE_TOO_LARGE", message)
}

fn closed() -> Refusal {
    Refusal::new("NO_WORKSPACE", "the application has closed the workspace")
}
