//! A workspace with its store, and a git to look into the store.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use loopwire_channel::{Bounds, CommandError, Journal};
use loopwire_testing::test_name;
use loopwire_workspace::{Created, Options, Restored, Snapshots, Workspace};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::TIMEOUT;

/// A temporary directory that is in memory, where the system has that: some disks take a millisecond for each file.
pub(crate) fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// A workspace in a temporary directory.
pub(crate) struct Desk {
    pub(crate) workspace: Workspace,
    pub(crate) runtime: Runtime,
    pub(crate) root: PathBuf,
    pub(crate) stores: PathBuf,
    _dir: Option<TempDir>,
}

pub(crate) fn options(stores: &Path) -> Options {
    Options {
        snapshot_dir: Some(stores.to_owned()),
        ..Options::default()
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        let dir = in_memory();
        let mut desk = Self::at(dir.path());
        desk._dir = Some(dir);
        desk
    }

    /// In the directories `root` and `stores` of this one.
    pub(crate) fn at(dir: &Path) -> Self {
        Self::with(dir, |_| {})
    }

    pub(crate) fn with(dir: &Path, change: impl FnOnce(&mut Options)) -> Self {
        let dir = dir.canonicalize().unwrap();
        let (root, stores) = (dir.join("root"), dir.join("stores"));
        fs::create_dir_all(&root).unwrap();
        let mut options = options(&stores);
        change(&mut options);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(test_name())
            .enable_all()
            .build()
            .unwrap();
        let journal = Journal::new(Bounds::default());
        let handle = runtime.handle().clone();
        let workspace = Workspace::open(&root, options, Arc::clone(&journal), handle).unwrap();
        Self {
            workspace,
            runtime,
            root,
            stores,
            _dir: None,
        }
    }

    pub(crate) fn snapshots(&self) -> &Snapshots {
        self.workspace.snapshots().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime
            .block_on(async { tokio::time::timeout(10 * TIMEOUT, work).await.unwrap() })
    }

    pub(crate) fn try_create(&self) -> Result<Created, CommandError> {
        self.block_on(self.snapshots().create(None, |_| {}))
    }

    pub(crate) fn create(&self) -> Created {
        self.try_create().unwrap()
    }

    pub(crate) fn try_restore(&self, commit_hash: &str) -> Result<Restored, CommandError> {
        self.block_on(self.snapshots().restore(commit_hash, |_| {}))
    }

    pub(crate) fn restore(&self, commit_hash: &str) -> Restored {
        self.try_restore(commit_hash).unwrap()
    }

    /// The directory of this workspace's store.
    pub(crate) fn store(&self) -> PathBuf {
        let entries = fs::read_dir(&self.stores).unwrap();
        let mut stores: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(stores.len(), 1, "{stores:?}");
        stores.remove(0)
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
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Fails unless git finds the store sound.
    pub(crate) fn check_store(&self) {
        self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    }

    /// The paths of a snapshot's files.
    pub(crate) fn files_of(&self, commit_hash: &str) -> Vec<String> {
        let told = self.git(&[
            "ls-tree",
            "-r",
            "-z",
            "--name-only",
            &format!("{commit_hash}:files"),
        ]);
        told.split_terminator('\0').map(str::to_owned).collect()
    }

    /// The bytes that the store takes.
    pub(crate) fn store_bytes(&self) -> u64 {
        size(&self.store())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let workspace = self.workspace.clone();
        self.runtime.block_on(async { workspace.close().await });
    }
}

pub(crate) fn size(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::symlink_metadata(path).unwrap();
    let mut bytes = metadata.blocks() * 512;
    if metadata.is_dir() {
        bytes += fs::read_dir(path)
            .unwrap()
            .map(|entry| size(&entry.unwrap().path()))
            .sum::<u64>();
    }
    bytes
}

/// Everything beneath a directory but repositories and what is left out: type, permissions, contents.
pub(crate) fn tree(root: &Path) -> Vec<String> {
    let mut all = Vec::new();
    collect(root, root, &mut all);
    all.sort();
    all
}

fn collect(root: &Path, at: &Path, all: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().as_bytes();
        if name == b".git" || name == b"node_modules" {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).unwrap();
        let shown = path
            .strip_prefix(root)
            .unwrap()
            .as_os_str()
            .as_bytes()
            .escape_ascii();
        let mode = metadata.permissions().mode();
        let what = if metadata.is_symlink() {
            format!("link {:?}", fs::read_link(&path).unwrap())
        } else if metadata.is_dir() {
            collect(root, &path, all);
            format!("directory {mode:o}")
        } else if metadata.is_file() {
            format!(
                "file {mode:o} {}",
                crate::support::sha256(&fs::read(&path).unwrap())
            )
        } else {
            format!("special {mode:o}")
        };
        all.push(format!("{shown}: {what}"));
    }
}
