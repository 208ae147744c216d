//! Looks at the names that are due, and tells what is different.

use std::io;
use std::path::Path;
use std::time::Instant;

use crate::root::is_out_of_descriptors;
use crate::watcher::system::{Facts, Kind, OpenDir, RootDir, is_gone};
use crate::watcher::tree::{DirId, Due, LONGEST, MAX_PENDING, Name, Pending, SETTLE, WINDOW, When};

use super::core::Core;

/// How many names are looked at in one turn. Those that are due at the same moment stay together: they may be the two
/// halves of a rename.
const TURN: usize = 4096;

/// A name, and what it leads to now.
struct Look {
    directory: DirId,
    name: Name,
    pending: Pending,
    found: Option<Facts>,
}

impl Core {
    /// Looks at the names that are due.
    pub(super) fn settle(&mut self, now: Instant) {
        let due = self.take_due(now);
        if due.is_empty() {
            return;
        }
        let looks = self.look_at(due);
        let (arrived, gone): (Vec<_>, Vec<_>) =
            looks.into_iter().partition(|look| look.found.is_some());
        // What was renamed is found under its new name first, and is not told as deleted.
        for look in &arrived {
            if let Some(facts) = look.found
                && !self.is_unfinished(look, &facts, now)
            {
                self.arrive(look.directory, &look.name, facts, look.pending.touched);
            }
        }
        for look in &gone {
            if self.is_early(look, now) {
                continue;
            }
            self.gone(look.directory, &look.name);
            self.suspect |= self.is_root(look.directory);
        }
        if self.queue.next().is_none() || self.departed.len() > MAX_PENDING {
            self.departed.clear();
        }
    }

    /// Whether a name that is gone may still come back, or its file be found under another one: both halves of a rename
    /// are looked at at once, and by then the file may have moved on. Then it waits.
    fn is_early(&mut self, look: &Look, now: Instant) -> bool {
        let due = look.pending.first + WINDOW;
        due > now && self.is_told(look.directory, &look.name) && self.put_back(look, due, false)
    }

    /// Whether a new file is still being written. Then it waits for its writer. A second name for a file has none, and
    /// neither has a file that got its name when it was complete (`O_TMPFILE`): it has contents, and no write was told.
    /// That is looked at twice, since a write may come between an event and the look.
    fn is_unfinished(&mut self, look: &Look, facts: &Facts, now: Instant) -> bool {
        let longest = look.pending.first + LONGEST;
        let being_written = look.pending.open && facts.kind == Kind::File && !facts.linked;
        let whole = facts.size > 0 && !look.pending.touched;
        let due = match whole {
            true => longest.min(now + SETTLE),
            false => longest,
        };
        longest > now
            && being_written
            && !(whole && look.pending.whole)
            && !self.is_told(look.directory, &look.name)
            && self.put_back(look, due, whole)
    }

    /// Has a name wait a little longer, unless too many names wait.
    fn put_back(&mut self, look: &Look, due: Instant, whole: bool) -> bool {
        if self.tree.pending > MAX_PENDING / 2 {
            return false;
        }
        let Some(node) = self.tree.get_mut(look.directory) else {
            return false;
        };
        let pending = Pending {
            due,
            whole,
            ..look.pending
        };
        if node.pending.insert(look.name.clone(), pending).is_none() {
            self.tree.pending += 1;
        }
        self.queue.push(due, look.directory, &look.name);
        true
    }

    /// Takes the names that are due, or all if there are too many. Names that were told a moment ago are taken out.
    fn take_due(&mut self, now: Instant) -> Vec<(Due, Pending)> {
        let until = (self.tree.pending <= MAX_PENDING).then_some(now);
        let mut taken: Vec<(Due, Pending)> = Vec::new();
        while let Some(at) = self.queue.next() {
            if taken.len() >= TURN && taken.last().is_some_and(|last| last.0.at != at) {
                break;
            }
            let Some(due) = self.queue.pop(until) else {
                break;
            };
            let Some(node) = self.tree.get_mut(due.directory) else {
                continue;
            };
            // Otherwise it has another time by now.
            if node
                .pending
                .get(&due.name)
                .is_some_and(|one| one.due == due.at)
                && let Some(pending) = node.pending.remove(&due.name)
            {
                if node.pending.is_empty() {
                    node.pending = std::collections::HashMap::new();
                }
                self.tree.pending -= 1;
                if pending.dirty {
                    taken.push((due, pending));
                }
            }
        }
        taken
    }

    fn look_at(&mut self, due: Vec<(Due, Pending)>) -> Vec<Look> {
        // One directory at a time, each opened once.
        let mut order: Vec<usize> = (0..due.len()).collect();
        order.sort_by_key(|at| due[*at].0.directory);
        let mut found: Vec<Option<Option<Facts>>> = vec![None; due.len()];
        let mut open: Option<(DirId, Option<OpenDir>)> = None;
        for at in order {
            let (one, _) = &due[at];
            if open.as_ref().is_none_or(|open| open.0 != one.directory) {
                open = Some((one.directory, self.open(one.directory)));
            }
            let Some((_, Some(directory))) = &open else {
                continue;
            };
            match directory.look(&one.name) {
                Ok(facts) => {
                    found[at] = Some(facts);
                    // The event may have told the old spelling alone.
                    #[cfg(not(any(target_os = "linux", windows)))]
                    if facts.is_none()
                        && let Some(name) = directory.spelled_otherwise(&one.name)
                    {
                        self.mark(one.directory, &name, When::Now);
                    }
                }
                Err(error) if is_out_of_descriptors(&error) => {
                    self.mark(one.directory, &one.name, When::Window);
                }
                // What cannot be looked at is not said to be gone.
                Err(_) => {}
            }
        }
        let looked = due.into_iter().zip(found);
        let looks = looked.filter_map(|((due, pending), found)| {
            Some(Look {
                directory: due.directory,
                name: due.name,
                pending,
                found: found?,
            })
        });
        looks.collect()
    }

    /// Opens a directory of the tree to look at names in it. If another one is in its place (or none), or it cannot be
    /// looked at, it is compared as a whole when its own name has been looked at.
    pub(super) fn open(&mut self, id: DirId) -> Option<OpenDir> {
        self.open_by(id, RootDir::directory)
    }

    /// The same to watch and to read it.
    pub(super) fn readable(&mut self, id: DirId) -> Option<OpenDir> {
        self.open_by(id, RootDir::readable)
    }

    fn open_by(
        &mut self,
        id: DirId,
        open: fn(&RootDir, &Path) -> io::Result<OpenDir>,
    ) -> Option<OpenDir> {
        let path = self.tree.path(id);
        let (root, _) = self.root.as_ref()?;
        let opened = open(root, &path).and_then(|directory| {
            let facts = directory.facts()?;
            Ok((directory, facts))
        });
        match opened {
            Ok((directory, facts)) if Some(facts.identity) == self.identity(id) => Some(directory),
            opened => {
                self.not_opened(id, opened.err());
                None
            }
        }
    }

    /// A directory could not be opened, or another one is in its place (then there is no error).
    fn not_opened(&mut self, id: DirId, error: Option<io::Error>) {
        let moved = error.is_none_or(|error| is_gone(&error) || is_out_of_descriptors(&error));
        if moved {
            self.doubt(id);
        } else if let Some(directory) = self.tree.get_mut(id) {
            // It is read when its mode changes, or an event tells of its name. Not again and again until then.
            directory.listed = false;
        }
    }

    /// Something is wrong with a directory: its name is looked at, and it is compared then.
    pub(super) fn doubt(&mut self, id: DirId) {
        if let Some(directory) = self.tree.get_mut(id) {
            directory.listed = false;
        }
        match self.tree.place(id) {
            Some((parent, name)) => self.mark(parent, &name, When::Window),
            None => self.suspect = true,
        }
    }

    pub(super) fn identity(&self, id: DirId) -> Option<u64> {
        self.tree.get(id).map(|one| one.identity)
    }

    pub(super) fn is_root(&self, id: DirId) -> bool {
        self.root.as_ref().is_some_and(|root| root.1 == id)
    }
}
