//! Directories with all that is in them: dropped, or moved to another place.

use std::ffi::OsStr;

use crate::watcher::system::Facts;
use crate::watcher::tree::{DirId, Entry, When};

use super::core::Core;

impl Core {
    /// Forgets a directory and all that is in it, and releases their watches. The entry in its parent stays.
    pub(super) fn drop_subtree(&mut self, id: DirId) {
        if let Some((parent, name)) = self.tree.place(id)
            && let Some(entry) = self.tree.entry_mut(parent, &name)
            && entry.directory == Some(id)
        {
            entry.directory = None;
        }
        for id in self.tree.subtree(id) {
            if let Some(watch) = self.tree.get(id).and_then(|one| one.watch) {
                self.system.unwatch(watch);
            }
            self.tree.take(id);
        }
    }

    /// A directory of the tree has another place now.
    pub(super) fn relocate(&mut self, id: DirId, directory: DirId, name: &OsStr, facts: Facts) {
        let Some((old_directory, old_name)) = self.tree.place(id) else {
            return;
        };
        // What is known of the places is older than the move. They are looked at again.
        if self.tree.is_beneath(directory, id) {
            self.doubt(id);
            return self.mark(directory, name, When::Window);
        }
        let old_path = self.tree.path(id);
        let old_hidden = self.hidden(old_directory, &old_name, true);
        let Some(entry) = self.tree.entry(old_directory, &old_name).copied() else {
            return;
        };
        let mut things = Vec::new();
        if entry.told {
            self.tell_above(directory);
            things = self.told_beneath(id, &old_path);
        }
        if let Some(node) = self.tree.get_mut(old_directory) {
            node.entries.remove(&*old_name);
        }
        // An empty directory can be replaced.
        self.gone(directory, name);
        self.departed.remove(&facts.identity);
        self.move_to(id, directory, name, Entry { facts, ..entry });
        let path = self.tree.path(id);
        let hidden = self.hidden(directory, name, true);
        self.set_hidden(id);
        if entry.told {
            self.tell_renamed(
                (old_path, old_hidden),
                (path.clone(), hidden),
                &facts,
                false,
            );
            // The same things in the same order, in their new place.
            let moved = self.told_beneath(id, &path);
            for ((old, old_hidden, _), (new, hidden, facts)) in things.into_iter().zip(moved) {
                self.tell_renamed((old, old_hidden), (new, hidden), &facts, false);
            }
        } else {
            self.mark(directory, name, When::Settled);
        }
        self.mark(old_directory, &old_name, When::Gone);
        self.settle_in(id, entry.told);
    }

    fn move_to(&mut self, id: DirId, directory: DirId, name: &OsStr, entry: Entry) {
        if let Some(node) = self.tree.get_mut(id) {
            node.parent = Some(directory);
            node.name = name.into();
        }
        if let Some(node) = self.tree.get_mut(directory) {
            node.entries.insert(name.into(), entry);
        }
    }
}
