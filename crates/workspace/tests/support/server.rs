//! A test server: a workspace behind a listener, in a runtime of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use loopwire_channel::{Bounds, Journal, Listener, ListenerOptions, Read, Token, bind};
use loopwire_testing::{Watch, test_name};
use loopwire_workspace::{Files, Options, Terminals, Workspace};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::TIMEOUT;
use super::client::{Client, TOKEN};

/// How many threads tokio has for work that blocks, if nothing else is said.
const BLOCKING_THREADS: usize = 512;

/// A running server. When it is dropped, the test fails if one of its threads has panicked, or if it has published a
/// fault, unless the test has [`ordered`](loopwire_testing::ordered()) that.
pub(crate) struct TestServer {
    pub(crate) workspace: Workspace,
    pub(crate) files: Files,
    pub(crate) terminals: Terminals,
    pub(crate) journal: Arc<Journal>,
    pub(crate) runtime: Option<Runtime>,
    listener: Arc<Listener>,
    root: PathBuf,
    _dir: Option<TempDir>,
    _watch: Watch,
}

impl TestServer {
    pub(crate) fn open() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut server = Self::at(dir.path(), options);
        server._dir = Some(dir);
        server
    }

    pub(crate) fn at(root: &Path, options: Options) -> Self {
        Self::at_with(root, options, BLOCKING_THREADS)
    }

    /// With a limited number of threads for work on the disk.
    pub(crate) fn at_with(root: &Path, options: Options, blocking_threads: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(blocking_threads)
            .thread_name(test_name())
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let handle = runtime.handle().clone();
        let workspace = Workspace::open(root, options, Arc::clone(&journal), handle).unwrap();
        let (files, terminals) = (workspace.files().cloned(), workspace.terminals().cloned());
        let root = workspace.root().to_owned();
        let listener = Listener::open(
            runtime.handle(),
            bind(([127, 0, 0, 1], 0).into()).unwrap(),
            &journal,
            Token::parse(TOKEN).unwrap(),
            None,
            vec![Arc::new(workspace.clone()) as _],
            ListenerOptions::default(),
        );
        Self {
            workspace,
            files: files.unwrap(),
            terminals: terminals.unwrap(),
            journal,
            runtime: Some(runtime),
            listener: listener.unwrap(),
            root,
            _dir: None,
            _watch: Watch::new(),
        }
    }

    /// The workspace's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn write_file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read_file(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// All names in the root, those of temporary files included.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// A client that takes text.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address(), "")
    }

    /// A client that takes binary messages.
    pub(crate) fn connect_binary(&self) -> Client {
        Client::connect(self.address(), "&binary=true")
    }

    pub(crate) fn block_on<F: Future>(&self, work: F) -> F::Output {
        let runtime = self.runtime.as_ref().unwrap();
        runtime.block_on(async { tokio::time::timeout(TIMEOUT, work).await.unwrap() })
    }

    /// The events that were published, as JSON.
    pub(crate) fn events(&self) -> Vec<String> {
        let (mut events, mut next) = (Vec::new(), 1);
        loop {
            match self.journal.read(next) {
                Read::Empty => return events,
                Read::Lost { to, .. } => next = to + 1,
                Read::Events(segment) => {
                    for record in segment.records(next) {
                        events.push(String::from_utf8_lossy(record.json).into_owned());
                        next = record.seq + 1;
                    }
                }
            }
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.workspace.kill();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Waits until the condition holds.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < TIMEOUT, "never happened: {what}");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}
