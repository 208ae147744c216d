//! A server with a store of its own, and a git to look into the store.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use loopwire_workspace::{
    Created, Diff, Options, SnapshotEntry, SnapshotOrder, SnapshotRun, Snapshots,
};
use tempfile::TempDir;

use crate::support::TestServer;

pub(crate) struct Store {
    pub(crate) server: TestServer,
    dir: TempDir,
}

impl Store {
    pub(crate) fn open() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = TestServer::with(Options {
            snapshot_dir: Some(dir.path().to_owned()),
            ..options
        });
        Self { server, dir }
    }

    pub(crate) fn snapshots(&self) -> &Snapshots {
        self.server.workspace.snapshots().unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.server.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Takes a snapshot with this message: it, and how many others were removed.
    pub(crate) fn take(&self, message: &str) -> (Created, usize) {
        let message = Some(message.to_owned());
        let order = SnapshotOrder {
            message,
            ..SnapshotOrder::default()
        };
        let run = SnapshotRun::default();
        let taken = self.snapshots().create_with(order, &run);
        self.server.block_on(taken).unwrap()
    }

    /// Takes one: its name.
    pub(crate) fn create(&self) -> String {
        self.take("").0.commit_hash
    }

    pub(crate) fn list(&self) -> Vec<SnapshotEntry> {
        self.server.block_on(self.snapshots().list(None)).unwrap()
    }

    pub(crate) fn diff(&self, from: &str, to: Option<&str>, limit: Option<usize>) -> Diff {
        let differs = self.snapshots().diff(from, to, limit);
        self.server.block_on(differs).unwrap()
    }

    pub(crate) fn delete(&self, commit_hash: &str) {
        let deleted = self.snapshots().delete(commit_hash);
        self.server.block_on(deleted).unwrap();
    }

    /// The directory of this workspace's store.
    pub(crate) fn directory(&self) -> PathBuf {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let mut stores: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(stores.len(), 1, "{stores:?}");
        stores.remove(0)
    }

    /// Keeps everybody else from changing the store.
    pub(crate) fn lock(&self) -> File {
        let file = File::options()
            .write(true)
            .open(self.directory().join("lock"))
            .unwrap();
        file.lock().unwrap();
        file
    }

    /// What git says of the store.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        let repository = self.directory().join("repository.git");
        command.arg("--git-dir").arg(repository).args(arguments);
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Nothing is missing, nothing is damaged.
    pub(crate) fn check(&self) {
        self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    }

    /// A figure of `git count-objects`: `in-pack`, `packs`, `count`.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let told = self.git(&["count-objects", "-v"]);
        let line = told.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim_start_matches(':').trim().parse().ok())
            .unwrap()
    }
}
