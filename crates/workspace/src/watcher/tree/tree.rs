//! The tree in memory: what was told, and new directories that are watched already.
//!
//! A directory costs about 400 bytes and a file about 130, with short names (`tests/figures.rs` measures it).

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use crate::watcher::rules::Rules;
use crate::watcher::system::{Facts, Kind, Refusal};

use super::pending::Pending;

/// A name in a directory.
pub(crate) type Name = Box<OsStr>;

/// The number of a directory in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DirId(NonZeroU32);

impl DirId {
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// What a name leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) facts: Facts,
    /// For a directory that somebody wants to hear of.
    pub(crate) directory: Option<DirId>,
    /// Whether the reader knows of it: it was there when it was covered, or was told.
    pub(crate) told: bool,
}

/// A directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) parent: Option<DirId>,
    pub(crate) name: Name,
    pub(crate) identity: u64,
    pub(crate) entries: HashMap<Name, Entry>,
    /// Names that have to be looked at.
    pub(crate) pending: HashMap<Name, Pending>,
    pub(crate) watch: Option<i32>,
    /// Why it is compared at intervals, if it is.
    pub(crate) polled: Option<Refusal>,
    /// Whether `entries` was read since it was watched.
    pub(crate) listed: bool,
    /// The number of components of its path up to and including the last hidden one.
    pub(crate) hidden: usize,
    pub(crate) rules: Option<Box<Rules>>,
}

/// The tree.
#[derive(Default)]
pub(crate) struct Tree {
    directories: Vec<Option<Directory>>,
    free: Vec<DirId>,
    /// Freed in this turn: their numbers are not used again while somebody may still hold one.
    freed: Vec<DirId>,
    by_watch: HashMap<i32, DirId>,
    by_identity: HashMap<u64, DirId>,
    /// The number of names to look at.
    pub(crate) pending: usize,
}

impl Tree {
    pub(crate) fn get(&self, id: DirId) -> Option<&Directory> {
        self.directories.get(id.index())?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: DirId) -> Option<&mut Directory> {
        self.directories.get_mut(id.index())?.as_mut()
    }

    pub(crate) fn entry(&self, id: DirId, name: &OsStr) -> Option<&Entry> {
        self.get(id)?.entries.get(name)
    }

    pub(crate) fn entry_mut(&mut self, id: DirId, name: &OsStr) -> Option<&mut Entry> {
        self.get_mut(id)?.entries.get_mut(name)
    }

    /// The numbers of all directories.
    pub(crate) fn ids(&self) -> Vec<DirId> {
        let numbered = self.directories.iter().zip(1_u32..);
        let there = numbered.filter_map(|(one, number)| one.as_ref().map(|_| number));
        there.filter_map(NonZeroU32::new).map(DirId).collect()
    }

    /// How many directories there are.
    pub(crate) fn len(&self) -> usize {
        self.directories.len() - self.free.len() - self.freed.len()
    }

    /// How many of them the system watches.
    pub(crate) fn watches(&self) -> usize {
        self.by_watch.len()
    }

    pub(crate) fn watched(&self, watch: i32) -> Option<DirId> {
        self.by_watch.get(&watch).copied()
    }

    pub(crate) fn identified(&self, identity: u64) -> Option<DirId> {
        self.by_identity.get(&identity).copied()
    }

    /// Adds a directory that nothing is known of yet. Its entry in the parent is set.
    pub(crate) fn add(
        &mut self,
        parent: Option<DirId>,
        name: &OsStr,
        facts: &Facts,
        hidden: usize,
    ) -> DirId {
        let directory = Directory {
            parent,
            name: name.into(),
            identity: facts.identity,
            entries: HashMap::new(),
            pending: HashMap::new(),
            watch: None,
            polled: None,
            listed: false,
            hidden,
            rules: None,
        };
        let id = match self.free.pop() {
            Some(id) => {
                self.directories[id.index()] = Some(directory);
                id
            }
            None => {
                self.directories.push(Some(directory));
                let number = u32::try_from(self.directories.len()).unwrap_or(u32::MAX);
                DirId(NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX))
            }
        };
        // 0 is not known, and that of no directory.
        if facts.identity != 0 {
            self.by_identity.insert(facts.identity, id);
        }
        if let Some(entry) = parent.and_then(|parent| self.entry_mut(parent, name)) {
            entry.directory = Some(id);
        }
        id
    }

    pub(crate) fn set_watch(&mut self, id: DirId, watch: Option<i32>) {
        let Some(directory) = self.get_mut(id) else {
            return;
        };
        let before = std::mem::replace(&mut directory.watch, watch);
        if let Some(before) = before.filter(|before| self.by_watch.get(before) == Some(&id)) {
            self.by_watch.remove(&before);
        }
        if let Some(watch) = watch {
            self.by_watch.insert(watch, id);
        }
    }

    /// Takes a directory out, without what is in it.
    pub(crate) fn take(&mut self, id: DirId) -> Option<Directory> {
        self.set_watch(id, None);
        let directory = self.directories.get_mut(id.index())?.take()?;
        self.freed.push(id);
        self.pending -= directory.pending.len();
        if self.by_identity.get(&directory.identity) == Some(&id) {
            self.by_identity.remove(&directory.identity);
        }
        Some(directory)
    }

    /// Nobody holds a number of a directory any more.
    pub(crate) fn end_turn(&mut self) {
        self.free.append(&mut self.freed);
        if self.len() == 0 {
            *self = Self::default();
        }
    }

    /// The path of a directory, relative to the root.
    pub(crate) fn path(&self, id: DirId) -> PathBuf {
        let mut names = Vec::new();
        let mut at = self.get(id);
        while let Some(directory) = at {
            names.push(&directory.name);
            at = directory.parent.and_then(|parent| self.get(parent));
        }
        // The root's name is empty.
        let names = names.iter().rev().map(|name| Path::new(&***name));
        names.filter(|name| !name.as_os_str().is_empty()).collect()
    }

    pub(crate) fn path_of(&self, id: DirId, name: &OsStr) -> PathBuf {
        let mut path = self.path(id);
        path.push(name);
        path
    }

    /// The number of components of a directory's path.
    pub(crate) fn level(&self, id: DirId) -> usize {
        let mut level = 0;
        let mut at = self.get(id).and_then(|one| one.parent);
        while let Some(parent) = at {
            level += 1;
            at = self.get(parent).and_then(|one| one.parent);
        }
        level
    }

    /// Whether `id` is `above`, or beneath it.
    pub(crate) fn is_beneath(&self, id: DirId, above: DirId) -> bool {
        let mut at = Some(id);
        while let Some(here) = at {
            if here == above {
                return true;
            }
            at = self.get(here).and_then(|one| one.parent);
        }
        false
    }

    /// Where a directory is: its parent, and its name there.
    pub(crate) fn place(&self, id: DirId) -> Option<(DirId, OsString)> {
        let directory = self.get(id)?;
        Some((directory.parent?, directory.name.to_os_string()))
    }

    /// A directory and all that are beneath it, parents first.
    pub(crate) fn subtree(&self, id: DirId) -> Vec<DirId> {
        let mut found = vec![id];
        let mut next = 0;
        while let Some(directory) = found.get(next).and_then(|id| self.get(*id)) {
            found.extend(directory.entries.values().filter_map(|one| one.directory));
            next += 1;
        }
        found
    }
}

/// What is told of a directory that cannot be looked at any more.
pub(crate) fn directory_facts() -> Facts {
    Facts {
        size: 0,
        stamp: 0,
        identity: 0,
        kind: Kind::Directory,
        sure: false,
        linked: false,
    }
}
