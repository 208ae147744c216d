//! New directories: they are watched first, and read then, so that nothing in them is missed.

use std::ffi::OsStr;

use loopwire_channel::CommandError;

use crate::watcher::rules::{GITIGNORE, MAX_RULES_BYTES, Rules};
use crate::watcher::system::{Facts, OpenDir};
use crate::watcher::tree::{DirId, Entry, When};

use super::core::Core;
use super::reading::Reading;

impl Core {
    /// A directory has appeared under this name, says an event.
    pub(super) fn appear(&mut self, directory: DirId, name: &OsStr) {
        let Some(open) = self.open(directory) else {
            return;
        };
        if let Ok(Some(facts)) = open.look(name)
            && facts.is_directory()
        {
            self.adopt(directory, name, facts);
        }
    }

    /// There is a directory under this name: takes it into the tree, or finds it there.
    pub(super) fn adopt(&mut self, directory: DirId, name: &OsStr, facts: Facts) {
        let before = self.tree.entry(directory, name).copied();
        let same = before.filter(|entry| entry.facts.is_same(&facts));
        if let Some((entry, id)) = same.and_then(|entry| Some((entry, entry.directory?))) {
            if !self.is_listed(id) {
                let reading = if entry.told {
                    Reading::Silent
                } else {
                    Reading::New
                };
                self.reread(id, reading);
            } else if facts.identity == 0 {
                // It may be another one, with other things in it.
                self.compare(id, When::Now);
            }
            return;
        }
        if let Some(id) = self.tree.identified(facts.identity)
            && self.has_left(id, &facts)
        {
            return self.relocate(id, directory, name, facts);
        }
        if same.is_some() {
            return self.enter(directory, name, &facts, Reading::New);
        }
        if before.is_some() {
            self.gone(directory, name);
        }
        if let Some(node) = self.tree.get_mut(directory) {
            let entry = Entry {
                facts,
                directory: None,
                told: false,
            };
            node.entries.insert(name.into(), entry);
        }
        self.mark(directory, name, When::Settled);
        self.enter(directory, name, &facts, Reading::New);
    }

    /// Whether a directory of the tree is not in its place any more. A directory can be in two places at once, if it is
    /// mounted twice: then the first one counts.
    fn has_left(&mut self, id: DirId, facts: &Facts) -> bool {
        let Some((parent, name)) = self.tree.place(id) else {
            return false;
        };
        let (Some((root, _)), path) = (&self.root, self.tree.path(parent)) else {
            return false;
        };
        let there = root.directory(&path).and_then(|open| open.look(&name));
        !there.is_ok_and(|there| there.is_some_and(|there| there.is_same(facts)))
    }

    /// Watches a directory that has an entry, if somebody wants to hear of it.
    pub(super) fn enter(&mut self, parent: DirId, name: &OsStr, facts: &Facts, reading: Reading) {
        // Without an error: that is for `cover` alone.
        let _ = self.try_enter(parent, name, facts, reading);
    }

    pub(super) fn try_enter(
        &mut self,
        parent: DirId,
        name: &OsStr,
        facts: &Facts,
        reading: Reading,
    ) -> Result<(), CommandError> {
        let hidden = self.hidden(parent, name, true);
        let path = self.tree.path_of(parent, name);
        // Mounted twice, it is in the tree already.
        if !self.wants(&path, hidden) || self.tree.identified(facts.identity).is_some() {
            return Ok(());
        }
        if !self.has_room() {
            return self.no_room(reading);
        }
        let id = self.tree.add(Some(parent), name, facts, hidden);
        self.read(id, reading)
    }

    /// Watches a directory and reads it, and those beneath it.
    pub(super) fn read(&mut self, first: DirId, reading: Reading) -> Result<(), CommandError> {
        let mut stack = vec![first];
        while let Some(id) = stack.pop() {
            let Some(open) = self.readable(id) else {
                continue;
            };
            self.watch(id, &open, reading)?;
            self.read_rules(id, &open);
            let path = self.tree.path(id);
            for (name, facts) in self.list(id, &open) {
                let entry = Entry {
                    facts,
                    directory: None,
                    told: reading != Reading::New,
                };
                let Some(node) = self.tree.get_mut(id) else {
                    break;
                };
                // While it is read, its events are in the queue, not here: nothing is known yet.
                node.entries.insert(name.clone().into(), entry);
                if reading == Reading::New {
                    let when = match facts.is_directory() {
                        true => When::Settled,
                        false => When::Window,
                    };
                    self.mark(id, &name, when);
                }
                if facts.is_directory() {
                    let hidden = self.hidden(id, &name, true);
                    let known = self.tree.identified(facts.identity);
                    if let Some(known) = known.filter(|_| reading == Reading::New) {
                        // It was moved into the new directory, before that was watched.
                        if let Some(node) = self.tree.get_mut(id) {
                            node.entries.remove(&*name);
                        }
                        match self.has_left(known, &facts) {
                            true => self.relocate(known, id, &name, facts),
                            false => self.mark(id, &name, When::Window),
                        }
                    } else if known.is_none() && self.wants(&path.join(&name), hidden) {
                        if !self.has_room() {
                            self.no_room(reading)?;
                            continue;
                        }
                        stack.push(self.tree.add(Some(id), &name, &facts, hidden));
                    }
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, id: DirId, open: &OpenDir) -> Vec<(std::ffi::OsString, Facts)> {
        let mut found = Vec::new();
        let listed = open.list(|name, facts| found.push((name, facts)));
        match listed {
            Ok(()) => {
                if let Some(node) = self.tree.get_mut(id) {
                    node.listed = true;
                    node.entries.reserve(found.len());
                }
            }
            Err(_) => self.doubt(id),
        }
        found
    }

    fn is_listed(&self, id: DirId) -> bool {
        self.tree.get(id).is_some_and(|one| one.listed)
    }

    /// Reads the rules of a directory.
    pub(super) fn read_rules(&mut self, id: DirId, open: &OpenDir) {
        let contents = open.read(GITIGNORE.as_ref(), MAX_RULES_BYTES);
        let rules = contents.ok().flatten().and_then(|text| Rules::parse(&text));
        if let Some(node) = self.tree.get_mut(id) {
            node.rules = rules.map(Box::new);
        }
    }
}
