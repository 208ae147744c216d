//! A tree on the disk, a watcher, and the tree that its notices say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};
use std::time::Duration;

use loopwire_channel::{Bounds, Executor, Journal};
use tempfile::TempDir;

use crate::root::Root;
use crate::watcher::{Change, ChangeKind, Covered, Notice, Notices, Scope, Watcher, WatcherLimits};

/// A directory and its watcher.
pub(super) struct Site {
    pub(super) dir: TempDir,
    pub(super) root: PathBuf,
    pub(super) watcher: Watcher,
    pub(super) notices: Notices,
    pub(super) overflows: usize,
    pub(super) polling: Vec<String>,
}

impl Site {
    pub(super) fn new() -> Self {
        Self::with(WatcherLimits::default())
    }

    pub(super) fn with(limits: WatcherLimits) -> Self {
        let dir = TempDir::with_prefix("loopwire-watcher-").expect("a directory");
        let root = fs::canonicalize(dir.path()).expect("a path").join("root");
        fs::create_dir(&root).expect("a root");
        let executor = Executor::from(tokio::runtime::Handle::current());
        let journal = Journal::new(Bounds::default());
        let opened = Root::open(&root).expect("the root");
        let watcher = Watcher::new(opened, limits, executor, journal);
        let notices = watcher.notices();
        Self {
            dir,
            root,
            watcher,
            notices,
            overflows: 0,
            polling: Vec::new(),
        }
    }

    pub(super) async fn cover(&self, base: &str) -> Covered {
        let scope = Scope {
            base: base.into(),
            ..Scope::default()
        };
        self.watcher.cover(scope).await.expect("covered")
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(super) fn write(&self, path: &str, contents: &str) {
        fs::write(self.path(path), contents).expect("written");
    }

    pub(super) fn mkdir(&self, path: &str) {
        fs::create_dir_all(self.path(path)).expect("made");
    }

    /// The changes until now: nothing is merged for longer than the pause.
    pub(super) async fn changes(&mut self) -> Vec<Change> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.until_quiet().await
    }

    /// The changes until none has come for a while.
    pub(super) async fn until_quiet(&mut self) -> Vec<Change> {
        let mut found = Vec::new();
        let pause = Duration::from_millis(150);
        while let Ok(Some(notice)) = tokio::time::timeout(pause, self.notices.next()).await {
            match notice {
                Notice::Changed(change) => found.push(change),
                Notice::Overflow => self.overflows += 1,
                Notice::Polling(why) => self.polling.push(why),
            }
        }
        found
    }

    /// The changes as text: `+path size`, `~path size`, `-path`, `old>path size`; a directory ends in a slash. Sorted.
    pub(super) async fn told(&mut self) -> Vec<String> {
        let mut told: Vec<_> = self.changes().await.iter().map(text).collect();
        told.sort();
        told
    }
}

/// A change as text, with `/` between names.
pub(super) fn text(change: &Change) -> String {
    let slash = if change.is_directory { "/" } else { "" };
    let named = |path: &Path| {
        let path = path.display().to_string();
        format!("{}{slash}", path.replace(MAIN_SEPARATOR_STR, "/"))
    };
    let path = named(&change.path);
    let size = change.size;
    match (change.kind, change.is_directory) {
        (ChangeKind::Created, true) => format!("+{path}"),
        (ChangeKind::Created, false) => format!("+{path} {size}"),
        (ChangeKind::Modified, _) => format!("~{path} {size}"),
        (ChangeKind::Deleted, _) => format!("-{path}"),
        (ChangeKind::Renamed, _) => {
            let old = change.old_path.as_deref().unwrap_or(Path::new("?"));
            format!("{}>{path}", named(old))
        }
    }
}

/// Wine watches a new directory once it has seen it: what is made in it before that, nobody is told.
pub(super) fn loses_what_is_in_new_directories() -> bool {
    loopwire_testing::skipped_under_wine("Wine loses what is made in a new directory at once")
}

/// What is known of a path: whether it is a directory, and its size.
pub(super) type Known = BTreeMap<PathBuf, (bool, u64)>;

/// The tree that is there.
pub(super) fn real(root: &Path) -> Known {
    let mut found = Known::new();
    let mut stack = vec![root.to_owned()];
    while let Some(dir) = stack.pop() {
        for entry in fs::read_dir(&dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            let metadata = fs::symlink_metadata(&path).expect("metadata");
            let relative = path.strip_prefix(root).expect("inside").to_owned();
            let size = if metadata.is_dir() { 0 } else { metadata.len() };
            found.insert(relative, (metadata.is_dir(), size));
            if metadata.is_dir() {
                stack.push(path);
            }
        }
    }
    found
}

/// Applies changes to a tree, as a reader would. Says what does not fit.
pub(super) fn apply(known: &mut Known, changes: &[Change]) -> Vec<String> {
    let mut odd = Vec::new();
    for change in changes {
        let entry = (change.is_directory, change.size);
        let parent = change
            .path
            .parent()
            .filter(|path| !path.as_os_str().is_empty());
        let before = known.get(&change.path).copied();
        if change.kind != ChangeKind::Deleted
            && let Some(parent) = parent
            && !known.get(parent).is_some_and(|one| one.0)
        {
            odd.push(format!("{}: its directory is not known", text(change)));
        }
        match change.kind {
            ChangeKind::Created if before.is_some() => {
                odd.push(format!("{}: it is there already", text(change)));
            }
            ChangeKind::Modified if before.is_none() => {
                odd.push(format!("{}: it is not known", text(change)));
            }
            ChangeKind::Deleted if before.is_none() => {
                odd.push(format!("{}: it is not known", text(change)));
            }
            ChangeKind::Renamed => {
                let old = change.old_path.clone().unwrap_or_default();
                if known.remove(&old).is_none() {
                    odd.push(format!("{}: the old one is not known", text(change)));
                }
                if before.is_some() != change.replaced {
                    odd.push(format!("{}: replaced is {}", text(change), change.replaced));
                }
            }
            _ => {}
        }
        match change.kind {
            ChangeKind::Deleted => drop(known.remove(&change.path)),
            _ => drop(known.insert(change.path.clone(), entry)),
        }
    }
    odd
}
