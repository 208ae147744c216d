//! What an event of the system means: which name is looked at, and when.

use std::ffi::{OsStr, OsString};
use std::time::Instant;

use crate::watcher::change::Notice;
use crate::watcher::rules::{Verdict, defaults};
use crate::watcher::system::{Happening, RawEvent};
use crate::watcher::tree::{DirId, Pending, When};

use super::core::Core;

impl Core {
    pub(super) fn handle(&mut self, event: RawEvent) {
        match event {
            RawEvent::Overflow => self.lost(),
            RawEvent::Itself { watch, released } => self.itself(watch, released),
            RawEvent::Name {
                watch,
                name,
                happening,
                is_directory,
                cookie,
            } => {
                if self.above.contains(&watch) {
                    self.suspect |= self.path.file_name() == Some(&name);
                } else if let Some(directory) = self.tree.watched(watch) {
                    match is_directory {
                        true => self.directory_event(directory, &name, happening),
                        false => self.file_event(directory, &name, happening, cookie),
                    }
                }
            }
            #[cfg(not(target_os = "linux"))]
            RawEvent::Path(path) => self.path_event(&path),
            #[cfg(not(any(target_os = "linux", windows)))]
            RawEvent::Unsure => self.unsure(Instant::now()),
        }
    }

    /// Events were lost: everything has to be compared.
    fn lost(&mut self) {
        if self.compare_at.is_none() {
            self.out.push(Notice::Overflow);
            let now = Instant::now();
            let at = self.compare_again.map_or(now, |again| again.max(now));
            self.compare_at = Some(at);
        }
    }

    /// Everything is compared, if that took not too long the last time. Nobody is told: most likely nothing is different.
    #[cfg(not(any(target_os = "linux", windows)))]
    fn unsure(&mut self, now: Instant) {
        if self.compare_again.is_none_or(|again| again <= now) {
            self.compare_all(now);
        }
    }

    fn itself(&mut self, watch: i32, released: bool) {
        if self.above.contains(&watch) {
            self.suspect = true;
            if released {
                self.above.remove(&watch);
            }
        } else if let Some(directory) = self.tree.watched(watch) {
            if released {
                self.tree.set_watch(directory, None);
                if let Some(directory) = self.tree.get_mut(directory) {
                    directory.listed = false;
                }
            }
            match self.tree.place(directory) {
                Some((parent, name)) => self.mark(parent, &name, When::Gone),
                None => self.suspect = true,
            }
        }
    }

    fn directory_event(&mut self, directory: DirId, name: &OsStr, happening: Happening) {
        match happening {
            Happening::Created | Happening::MovedIn => {
                self.mark(directory, name, When::Settled);
                self.appear(directory, name);
            }
            Happening::Deleted | Happening::MovedOut => {
                self.depart(directory, name);
                self.mark(directory, name, When::Gone);
            }
            // It may have become readable.
            _ => self.mark(directory, name, When::Settled),
        }
    }

    fn file_event(&mut self, directory: DirId, name: &OsStr, happening: Happening, cookie: u32) {
        let told = self.is_told(directory, name);
        match happening {
            Happening::Created => {
                // A link is complete, and a second name for a file. A new file waits for its writer, whenever it is looked
                // at; one in the place of a told one does not.
                let when = if told { When::Window } else { When::Settled };
                self.mark(directory, name, when);
                self.note(directory, name, |pending| pending.open = true);
            }
            Happening::Written => {
                self.mark(directory, name, When::Window);
                self.note(directory, name, |pending| pending.touched = true);
            }
            // A mapped file is written without an event: this one is all there is.
            Happening::Closed if told => self.mark(directory, name, When::Now),
            Happening::Closed => {
                self.mark(directory, name, When::Closed);
                self.note(directory, name, |pending| pending.open = false);
            }
            Happening::Attributes => self.mark(directory, name, When::Settled),
            Happening::Deleted => {
                self.depart(directory, name);
                self.mark(directory, name, When::Gone);
            }
            Happening::MovedOut => {
                self.depart(directory, name);
                self.mark(directory, name, When::Gone);
                self.moved_out = Some((cookie, directory, name.to_owned()));
            }
            Happening::MovedIn => {
                let from = self.moved_out.take().filter(|from| from.0 == cookie);
                self.moved_in(directory, name, told, from.map(|from| (from.1, from.2)));
            }
        }
    }

    /// Something happened at a path: what, is seen when it is looked at.
    #[cfg(not(target_os = "linux"))]
    fn path_event(&mut self, path: &std::path::Path) {
        let Some(mut at) = self.root.as_ref().map(|root| root.1) else {
            return;
        };
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            let name = part.as_os_str();
            let below = self.tree.entry(at, name).and_then(|entry| entry.directory);
            match below {
                Some(below) if parts.peek().is_some() => at = below,
                // It is not known yet, or it is the last: it is looked at. What nobody wants is not looked into.
                _ => {
                    let known = self.is_told(at, name);
                    if known && parts.peek().is_some() {
                        return;
                    }
                    self.depart(at, name);
                    self.mark(at, name, When::Window);
                    return;
                }
            }
        }
        self.suspect = true;
    }

    /// A file has got this name. A file that was told is renamed at once. But a name that the default ignores hide is an
    /// editor's backup: the old name will be back in a moment.
    fn moved_in(
        &mut self,
        directory: DirId,
        name: &OsStr,
        told: bool,
        from: Option<(DirId, OsString)>,
    ) {
        let from = from.filter(|(directory, name)| self.is_told(*directory, name));
        let backup = defaults().verdict(name.as_ref(), false) == Verdict::Hidden;
        match from {
            Some(_) if backup => self.mark(directory, name, When::Gone),
            Some((old_directory, old_name)) => {
                self.hurry(old_directory, &old_name);
                self.hurry(directory, name);
            }
            // An atomic save, complete.
            None if told => self.mark(directory, name, When::Now),
            None => self.mark(directory, name, When::Settled),
        }
        self.note(directory, name, |pending| pending.open = false);
    }

    /// Has a name looked at.
    pub(super) fn mark(&mut self, directory: DirId, name: &OsStr, when: When) {
        let now = Instant::now();
        let Some(node) = self.tree.get_mut(directory) else {
            return;
        };
        let due = match node.pending.get_mut(name) {
            Some(pending) => {
                let before = (pending.due, pending.dirty);
                pending.again(when, now);
                if (pending.due, true) == before {
                    return;
                }
                pending.due
            }
            None => {
                let pending = Pending::new(when, now);
                node.pending.insert(name.into(), pending);
                self.tree.pending += 1;
                pending.due
            }
        };
        self.queue.push(due, directory, name);
    }

    /// Has a name looked at now, even if it was told a moment ago.
    fn hurry(&mut self, directory: DirId, name: &OsStr) {
        self.mark(directory, name, When::Now);
        let now = Instant::now();
        let node = self.tree.get_mut(directory);
        if let Some(pending) = node.and_then(|node| node.pending.get_mut(name)) {
            pending.due = pending.due.min(now);
            self.queue.push(pending.due, directory, name);
        }
    }

    fn note(&mut self, directory: DirId, name: &OsStr, note: impl FnOnce(&mut Pending)) {
        let node = self.tree.get_mut(directory);
        if let Some(pending) = node.and_then(|node| node.pending.get_mut(name)) {
            note(pending);
        }
    }

    /// Remembers where a file was that may appear elsewhere.
    pub(super) fn depart(&mut self, directory: DirId, name: &OsStr) {
        if let Some(entry) = self.tree.entry(directory, name).filter(|entry| entry.told) {
            self.departed
                .insert(entry.facts.identity, (directory, name.into()));
        }
    }

    pub(super) fn is_told(&self, directory: DirId, name: &OsStr) -> bool {
        self.tree
            .entry(directory, name)
            .is_some_and(|entry| entry.told)
    }
}
