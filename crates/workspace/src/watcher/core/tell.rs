//! Makes notices of changes.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use crate::watcher::change::{Change, ChangeKind, Notice};
use crate::watcher::system::Facts;
use crate::watcher::tree::{DirId, Entry, MAX_PENDING, Pending};

use super::core::Core;

impl Core {
    pub(super) fn tell(&mut self, kind: ChangeKind, directory: DirId, name: &OsStr, facts: &Facts) {
        let path = self.tree.path_of(directory, name);
        let hidden = self.hidden(directory, name, facts.is_directory());
        self.push(kind, (path, hidden), facts);
    }

    /// Tells of the new directories on the way to `directory`, which are before what is in them.
    pub(super) fn tell_above(&mut self, directory: DirId) {
        let mut untold = Vec::new();
        let mut at = directory;
        while let Some((parent, name)) = self.tree.place(at) {
            let Some(entry) = self
                .tree
                .entry_mut(parent, &name)
                .filter(|entry| !entry.told)
            else {
                break;
            };
            entry.told = true;
            untold.push((parent, name, entry.facts));
            at = parent;
        }
        for (parent, name, facts) in untold.into_iter().rev() {
            self.tell(ChangeKind::Created, parent, &name, &facts);
        }
    }

    /// Tells that something is gone, after all that was told in it.
    pub(super) fn tell_deleted(&mut self, directory: DirId, name: &OsStr, entry: &Entry) {
        let path = self.tree.path_of(directory, name);
        let hidden = self.hidden(directory, name, entry.facts.is_directory());
        if let Some(below) = entry.directory {
            let things = self.told_beneath(below, &path);
            for (path, hidden, facts) in things.into_iter().rev() {
                self.push(ChangeKind::Deleted, (path, hidden), &facts);
            }
        }
        self.push(ChangeKind::Deleted, (path, hidden), &entry.facts);
    }

    /// What was told in a directory that was told, each directory before what is in it.
    pub(super) fn told_beneath(&self, id: DirId, path: &Path) -> Vec<(PathBuf, usize, Facts)> {
        let mut found = Vec::new();
        let mut stack = vec![(id, path.to_owned())];
        while let Some((id, path)) = stack.pop() {
            let Some(node) = self.tree.get(id) else {
                continue;
            };
            for (name, entry) in node.entries.iter().filter(|one| one.1.told) {
                let path = path.join(&**name);
                let hidden = self.hidden(id, name, entry.facts.is_directory());
                if let Some(below) = entry.directory {
                    stack.push((below, path.clone()));
                }
                found.push((path, hidden, entry.facts));
            }
        }
        found
    }

    /// Tells of a rename. Across the border of what is hidden it is two changes, because nobody sees both sides.
    pub(super) fn tell_renamed(
        &mut self,
        from: (PathBuf, usize),
        to: (PathBuf, usize),
        facts: &Facts,
        replaced: bool,
    ) {
        if (from.1 == 0) == (to.1 == 0) {
            let mut change = change(ChangeKind::Renamed, to, facts);
            change.old_path = Some(from.0);
            change.replaced = replaced;
            self.out.push(Notice::Changed(change));
        } else {
            self.push(ChangeKind::Deleted, from, facts);
            self.push(ChangeKind::arrival(replaced), to, facts);
        }
    }

    pub(super) fn push(&mut self, kind: ChangeKind, at: (PathBuf, usize), facts: &Facts) {
        self.out.push(Notice::Changed(change(kind, at, facts)));
    }

    /// It was told: what happens to it in the next moment is told together. Unless too many names wait already.
    pub(super) fn rest(&mut self, directory: DirId, name: &OsStr) {
        if self.tree.pending >= MAX_PENDING / 2 {
            return;
        }
        let Some(node) = self.tree.get_mut(directory) else {
            return;
        };
        if node.pending.contains_key(name) {
            return;
        }
        let pending = Pending::quiet(Instant::now());
        node.pending.insert(name.into(), pending);
        self.tree.pending += 1;
        self.queue.push(pending.due, directory, name);
    }
}

fn change(kind: ChangeKind, (path, hidden): (PathBuf, usize), facts: &Facts) -> Change {
    Change {
        kind,
        path,
        old_path: None,
        replaced: false,
        size: match kind {
            ChangeKind::Deleted => 0,
            _ => facts.size,
        },
        at: SystemTime::now(),
        is_directory: facts.is_directory(),
        hidden,
    }
}
