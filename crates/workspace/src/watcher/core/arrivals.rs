//! What a name leads to now, beside what was told of it.

use std::ffi::OsStr;

use crate::watcher::change::ChangeKind;
use crate::watcher::system::Facts;
use crate::watcher::tree::{DirId, Entry, Name};

use super::core::Core;

impl Core {
    /// There is something under this name.
    pub(super) fn arrive(&mut self, directory: DirId, name: &OsStr, facts: Facts, touched: bool) {
        if self.tree.get(directory).is_none() {
            return;
        }
        if facts.is_directory() {
            return self.arrive_directory(directory, name, facts);
        }
        let before = self.tree.entry(directory, name).copied();
        let before = match before {
            // A directory was replaced.
            Some(entry) if entry.facts.is_directory() => {
                self.gone(directory, name);
                None
            }
            before => before.filter(|entry| entry.told),
        };
        match before {
            Some(entry) if entry.facts.is_same(&facts) => {
                if touched || entry.facts.is_changed(&facts) {
                    self.set(directory, name, facts);
                    self.tell(ChangeKind::Modified, directory, name, &facts);
                    self.rest(directory, name);
                }
            }
            Some(entry) => match self.departure(&facts) {
                Some(from) => self.rename_file(from, directory, name, facts, true),
                None => {
                    self.departed.remove(&entry.facts.identity);
                    self.set(directory, name, facts);
                    self.tell(ChangeKind::Modified, directory, name, &facts);
                    self.rest(directory, name);
                }
            },
            None => match self.departure(&facts) {
                Some(from) => self.rename_file(from, directory, name, facts, false),
                None => {
                    self.tell_above(directory);
                    self.set(directory, name, facts);
                    self.tell(ChangeKind::Created, directory, name, &facts);
                    self.rest(directory, name);
                }
            },
        }
    }

    fn arrive_directory(&mut self, directory: DirId, name: &OsStr, facts: Facts) {
        self.adopt(directory, name, facts);
        let Some(entry) = self.tree.entry(directory, name).copied() else {
            return;
        };
        if entry.told {
            return;
        }
        // One that nobody watches is found by its identity alone.
        if entry.directory.is_none()
            && let Some(from) = self.departure(&facts)
        {
            return self.rename_file(from, directory, name, facts, false);
        }
        self.tell_above(directory);
        if let Some(entry) = self.tree.entry_mut(directory, name) {
            entry.told = true;
        }
        self.tell(ChangeKind::Created, directory, name, &facts);
    }

    /// There is nothing under this name.
    pub(super) fn gone(&mut self, directory: DirId, name: &OsStr) {
        let Some(entry) = self.tree.entry(directory, name).copied() else {
            return;
        };
        self.departed.remove(&entry.facts.identity);
        if entry.told {
            self.tell_deleted(directory, name, &entry);
        }
        if let Some(below) = entry.directory {
            self.drop_subtree(below);
        }
        if let Some(node) = self.tree.get_mut(directory) {
            node.entries.remove(name);
        }
        self.rules_changed(directory, name);
    }

    /// Where the file of these facts was, if it was told there and is not there any more.
    fn departure(&mut self, facts: &Facts) -> Option<(DirId, Name)> {
        let (directory, name) = self.departed.remove(&facts.identity)?;
        let entry = self.tree.entry(directory, &name)?;
        if !entry.told || entry.directory.is_some() || !entry.facts.is_moved(facts) {
            return None;
        }
        // A second link to the file is no rename.
        let still = self
            .open(directory)
            .and_then(|open| open.look(&name).ok().flatten());
        (!still.is_some_and(|still| still.is_same(facts))).then_some((directory, name))
    }

    fn rename_file(
        &mut self,
        (old_directory, old_name): (DirId, Name),
        directory: DirId,
        name: &OsStr,
        facts: Facts,
        replaced: bool,
    ) {
        self.tell_above(directory);
        let old_path = self.tree.path_of(old_directory, &old_name);
        let old_hidden = self.hidden(old_directory, &old_name, facts.is_directory());
        let before =
            (self.tree.get_mut(old_directory)).and_then(|one| one.entries.remove(&old_name));
        self.rules_changed(old_directory, &old_name);
        self.set(directory, name, facts);
        let path = self.tree.path_of(directory, name);
        let hidden = self.hidden(directory, name, facts.is_directory());
        self.tell_renamed((old_path, old_hidden), (path, hidden), &facts, replaced);
        if before.is_some_and(|before| before.facts.is_changed(&facts)) {
            self.tell(ChangeKind::Modified, directory, name, &facts);
        }
        self.rest(directory, name);
    }

    /// Notes what was told of a file.
    fn set(&mut self, directory: DirId, name: &OsStr, facts: Facts) {
        if let Some(node) = self.tree.get_mut(directory) {
            let entry = Entry {
                facts,
                directory: None,
                told: true,
            };
            node.entries.insert(name.into(), entry);
        }
        self.rules_changed(directory, name);
    }
}
