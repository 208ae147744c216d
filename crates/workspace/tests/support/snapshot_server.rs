//! A server whose workspace has a store of its own for its snapshots, and a git to look into that.

use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

use loopwire_channel::CommandError;
use loopwire_workspace::{
    Created, Diff, Options, Restored, SnapshotEntry, SnapshotOrder, SnapshotRun, Snapshots,
};
use tempfile::TempDir;

use super::TIMEOUT;
use super::server::TestServer;

/// A temporary directory that is in memory, where the system has that: some disks take a millisecond for each file.
pub(crate) fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

pub(crate) struct SnapshotServer {
    server: TestServer,
    stores: PathBuf,
    _dir: Option<TempDir>,
}

impl Deref for SnapshotServer {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.server
    }
}

impl SnapshotServer {
    pub(crate) fn open() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        let dir = in_memory();
        let mut server = Self::at_with(dir.path(), change);
        server._dir = Some(dir);
        server
    }

    /// In the directories `root` and `stores` of this one.
    pub(crate) fn at(dir: &Path) -> Self {
        Self::at_with(dir, |_| {})
    }

    pub(crate) fn at_with(dir: &Path, change: impl FnOnce(&mut Options)) -> Self {
        let (root, stores) = (dir.join("root"), dir.join("stores"));
        fs::create_dir_all(&root).unwrap();
        let mut options = Options {
            snapshot_dir: Some(stores.clone()),
            ..Options::default()
        };
        change(&mut options);
        Self {
            server: TestServer::at(&root, options),
            stores,
            _dir: None,
        }
    }

    /// Waits longer than other servers: with many files an operation takes minutes.
    pub(crate) fn block_on<F: Future>(&self, work: F) -> F::Output {
        let runtime = self.server.runtime.as_ref().unwrap();
        runtime.block_on(async { tokio::time::timeout(10 * TIMEOUT, work).await.unwrap() })
    }

    pub(crate) fn snapshots(&self) -> &Snapshots {
        self.workspace.snapshots().unwrap()
    }

    /// Writes a file, and makes its directories.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(self.read_file(name)).unwrap()
    }

    /// Takes a snapshot with this message: it, and how many others were removed.
    pub(crate) fn take(&self, message: &str) -> (Created, usize) {
        let order = SnapshotOrder {
            message: Some(message.to_owned()),
            ..SnapshotOrder::default()
        };
        self.try_take(order).unwrap()
    }

    pub(crate) fn try_take(&self, order: SnapshotOrder) -> Result<(Created, usize), CommandError> {
        let run = SnapshotRun::default();
        self.block_on(self.snapshots().create_with(order, &run))
    }

    pub(crate) fn try_create(&self) -> Result<Created, CommandError> {
        let taken = self.try_take(SnapshotOrder::default());
        taken.map(|(created, _)| created)
    }

    pub(crate) fn create(&self) -> Created {
        self.try_create().unwrap()
    }

    pub(crate) fn try_restore(&self, commit_hash: &str) -> Result<Restored, CommandError> {
        let run = SnapshotRun::default();
        self.block_on(self.snapshots().restore_with(commit_hash, None, &run))
    }

    pub(crate) fn restore(&self, commit_hash: &str) -> Restored {
        self.try_restore(commit_hash).unwrap()
    }

    pub(crate) fn try_list(&self) -> Result<Vec<SnapshotEntry>, CommandError> {
        self.block_on(self.snapshots().list(None))
    }

    pub(crate) fn list(&self) -> Vec<SnapshotEntry> {
        self.try_list().unwrap()
    }

    pub(crate) fn diff(&self, from: &str, to: Option<&str>, limit: Option<usize>) -> Diff {
        let differs = self.snapshots().diff(from, to, limit);
        self.block_on(differs).unwrap()
    }

    pub(crate) fn delete(&self, commit_hash: &str) {
        let deleted = self.snapshots().delete(commit_hash);
        self.block_on(deleted).unwrap();
    }

    /// The directory of this workspace's store.
    pub(crate) fn store(&self) -> PathBuf {
        only_store(&self.stores)
    }

    /// Keeps everybody else from changing the store.
    pub(crate) fn lock(&self) -> File {
        let file = File::options()
            .write(true)
            .open(self.store().join("lock"))
            .unwrap();
        file.lock().unwrap();
        file
    }

    /// What git says of the store.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command
            .arg("--git-dir")
            .arg(self.store().join("repository.git"));
        for (name, _) in std::env::vars() {
            if name.starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.args(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Fails unless git finds the store sound.
    pub(crate) fn check_store(&self) {
        self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    }

    /// A figure of `git count-objects`: `in-pack`, `packs`, `count`.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let told = self.git(&["count-objects", "-v"]);
        let line = told.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim_start_matches(':').trim().parse().ok())
            .unwrap()
    }

    /// The paths of a snapshot's files.
    pub(crate) fn files_of(&self, commit_hash: &str) -> Vec<String> {
        let files = format!("{commit_hash}:files");
        let told = self.git(&["ls-tree", "-r", "-z", "--name-only", &files]);
        told.split_terminator('\0').map(str::to_owned).collect()
    }

    /// The contents of a file, or the target of a link, in a snapshot.
    pub(crate) fn stored(&self, commit_hash: &str, path: &str) -> String {
        self.git(&["cat-file", "blob", &format!("{commit_hash}:files/{path}")])
    }
}

impl Drop for SnapshotServer {
    fn drop(&mut self) {
        // A store is used by the next server, and its directory is deleted.
        self.block_on(self.workspace.close());
    }
}

/// The only store in a directory for stores.
pub(crate) fn only_store(stores: &Path) -> PathBuf {
    let entries = fs::read_dir(stores).unwrap();
    let mut stores: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(stores.len(), 1, "{stores:?}");
    stores.remove(0)
}
