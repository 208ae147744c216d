//! Which directories are watched: those that a scope wants. Rules, scopes and places change.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use loopwire_channel::CommandError;

use crate::watcher::rules::{GITIGNORE, MAX_RULES_BYTES, Rules, Verdict, defaults, is_own};
use crate::watcher::tree::DirId;

use super::core::Core;
use super::reading::Reading;

/// Where git keeps the rules that are not shared.
const EXCLUDE: (&str, &str) = (".git/info", "exclude");

impl Core {
    /// The number of components of a name's path up to and including the last hidden one.
    pub(super) fn hidden(&self, directory: DirId, name: &OsStr, is_directory: bool) -> usize {
        match self.is_hidden(directory, name, is_directory) {
            true => self.tree.level(directory) + 1,
            false => self.tree.get(directory).map_or(0, |one| one.hidden),
        }
    }

    /// Whether a rule hides the name itself. The rules of the nearest directory count first, as in git; the default
    /// ignores count last.
    fn is_hidden(&self, directory: DirId, name: &OsStr, is_directory: bool) -> bool {
        if is_own(name) {
            return true;
        }
        let mut path = PathBuf::from(name);
        let mut at = self.tree.get(directory);
        while let Some(node) = at {
            if let Some(rules) = &node.rules {
                match rules.verdict(&path, is_directory) {
                    Verdict::Hidden => return true,
                    Verdict::Shown => return false,
                    Verdict::Open => {}
                }
            }
            path = Path::new(&*node.name).join(path);
            at = node.parent.and_then(|parent| self.tree.get(parent));
        }
        let exclude = (self.exclude.1.as_ref()).map(|one| one.verdict(&path, is_directory));
        match exclude {
            Some(Verdict::Hidden) => true,
            Some(Verdict::Shown) => false,
            _ => defaults().verdict(Path::new(name), is_directory) == Verdict::Hidden,
        }
    }

    /// Whether a scope wants to hear of a directory.
    pub(super) fn wants(&self, path: &Path, hidden: usize) -> bool {
        self.scopes.values().any(|scope| scope.wants(path, hidden))
    }

    /// Watches the directories beneath `id` that a scope wants, and releases the others.
    pub(super) fn reconcile(&mut self, id: DirId, reading: Reading) -> Result<(), CommandError> {
        self.set_hidden(id);
        for id in self.tree.subtree(id) {
            let Some(node) = self.tree.get(id) else {
                continue;
            };
            let path = self.tree.path(id);
            let entries = node.entries.iter();
            let directories = entries.filter(|one| one.1.facts.is_directory());
            let directories: Vec<_> = directories
                .map(|(name, one)| (name.clone(), *one))
                .collect();
            for (name, entry) in directories {
                let hidden = self.hidden(id, &name, true);
                match (self.wants(&path.join(&*name), hidden), entry.directory) {
                    (true, None) => {
                        let reading = if entry.told { reading } else { Reading::New };
                        self.try_enter(id, &name, &entry.facts, reading)?;
                    }
                    (false, Some(below)) => self.drop_subtree(below),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// A directory has come to a new place, where other rules may apply.
    pub(super) fn settle_in(&mut self, id: DirId, told: bool) {
        let path = self.tree.path(id);
        let hidden = self.tree.get(id).map_or(0, |one| one.hidden);
        if !self.wants(&path, hidden) {
            return self.drop_subtree(id);
        }
        let reading = if told { Reading::Silent } else { Reading::New };
        // Without an error: that is for `cover` alone.
        let _ = self.reconcile(id, reading);
        // It could not be looked at on its way.
        for id in self.tree.subtree(id) {
            if self.tree.get(id).is_some_and(|one| !one.listed) {
                self.reread(id, reading);
            }
        }
    }

    pub(super) fn set_hidden(&mut self, id: DirId) {
        for id in self.tree.subtree(id) {
            let Some((parent, name)) = self.tree.place(id) else {
                continue;
            };
            let hidden = self.hidden(parent, &name, true);
            if let Some(node) = self.tree.get_mut(id) {
                node.hidden = hidden;
            }
        }
    }

    /// A file with rules has changed, perhaps.
    pub(super) fn rules_changed(&mut self, directory: DirId, name: &OsStr) {
        if name == GITIGNORE {
            self.stale_rules.push(directory);
        }
    }

    pub(super) fn reload_rules(&mut self) {
        for id in std::mem::take(&mut self.stale_rules) {
            if self.tree.get(id).is_none() {
                continue;
            }
            if let Some(open) = self.readable(id) {
                self.read_rules(id, &open);
                let _ = self.reconcile(id, Reading::Silent);
            }
        }
    }

    /// Reads git's own file of rules, if it has changed. Nobody watches it: `.git` is hidden. It is looked at whenever
    /// a scope comes.
    pub(super) fn read_exclude(&mut self) {
        let Some((root, id)) = &self.root else {
            return;
        };
        let id = *id;
        let open = root.readable(Path::new(EXCLUDE.0)).ok();
        let facts = (open.as_ref()).and_then(|open| open.look(EXCLUDE.1.as_ref()).ok().flatten());
        let stamp = facts.map_or(0, |facts| facts.stamp ^ facts.identity);
        if stamp == self.exclude.0 {
            return;
        }
        let contents = open.and_then(|open| open.read(EXCLUDE.1.as_ref(), MAX_RULES_BYTES).ok());
        let rules = contents
            .flatten()
            .and_then(|contents| Rules::parse(&contents));
        self.exclude = (stamp, rules);
        self.set_hidden(id);
    }
}
