//! The root itself: it may be deleted, moved away, replaced, and come back.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::watcher::change::ChangeKind;
use crate::watcher::system::{RootDir, is_gone};
use crate::watcher::tree::{DirId, Queue, Tree, directory_facts};

use super::core::Core;
use super::reading::Reading;

/// How often it is looked whether the root is back: a person who puts it back sees it at once, and one look costs a few
/// microseconds.
const RETURN: Duration = Duration::from_millis(250);

impl Core {
    /// Looks whether the root's path still leads to the directory that is watched, or leads to one again.
    pub(super) fn check_root(&mut self, now: Instant) {
        self.suspect = false;
        self.return_at = None;
        if self.is_root_there() {
            return;
        }
        self.lose_root();
        if self.is_idle() {
            return;
        }
        match self.open_root(Reading::New) {
            // Without an error: that is for `cover` alone.
            Some(id) => drop(self.read(id, Reading::New)),
            None => self.return_at = Some(now + RETURN),
        }
    }

    fn is_root_there(&self) -> bool {
        let Some((_, id)) = &self.root else {
            return false;
        };
        let found = RootDir::open(&self.path).and_then(|root| root.directory(Path::new("")));
        match found.and_then(|found| found.facts()) {
            Ok(facts) => self.identity(*id) == Some(facts.identity),
            // A link in its place is not the root. Any other error says that it could not be looked at.
            Err(error) => !is_gone(&error),
        }
    }

    /// Opens the root and begins to watch it.
    pub(super) fn open_root(&mut self, reading: Reading) -> Option<DirId> {
        let opened = RootDir::open(&self.path).and_then(|root| {
            let facts = root.directory(Path::new(""))?.facts()?;
            Ok((root, facts))
        });
        let Ok((root, facts)) = opened else {
            self.return_at = Some(Instant::now() + RETURN);
            return None;
        };
        let id = self.tree.add(None, OsStr::new(""), &facts, 0);
        self.root = Some((root, id));
        self.watch_above();
        self.read_exclude();
        if reading == Reading::New {
            self.push(ChangeKind::Created, (PathBuf::new(), 0), &facts);
        }
        Some(id)
    }

    pub(super) fn watch_above(&mut self) {
        let path = self.path.clone();
        for (number, above) in path.ancestors().skip(1).enumerate() {
            let watch = self.system.watch_above(above, number == 0);
            self.above.extend(watch);
        }
    }

    /// The root is gone, with all that was told in it.
    fn lose_root(&mut self) {
        let Some((_, id)) = self.root else {
            return;
        };
        for (path, hidden, facts) in self.told_beneath(id, Path::new("")).into_iter().rev() {
            self.push(ChangeKind::Deleted, (path, hidden), &facts);
        }
        let (path, facts) = (PathBuf::new(), directory_facts());
        self.push(ChangeKind::Deleted, (path, 0), &facts);
        self.forget_root();
    }

    /// Nobody wants anything any more.
    pub(crate) fn end(&mut self) {
        self.scopes.clear();
        self.forget_root();
    }

    /// Releases all watches.
    pub(super) fn forget_root(&mut self) {
        let Some((_, id)) = self.root.take() else {
            return;
        };
        self.drop_subtree(id);
        for watch in std::mem::take(&mut self.above) {
            self.system.unwatch(watch);
        }
        self.tree = Tree::default();
        self.queue = Queue::default();
        self.departed.clear();
        self.stale_rules.clear();
        self.exclude = (0, None);
        self.compare_at = None;
        self.poll_at = None;
        self.reasons.clear();
    }
}
