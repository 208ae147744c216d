//! Puts the files of the snapshot in their places. A reader of a file sees the old one or the new one.

use std::collections::BTreeMap;

use cap_std::fs::Dir;

use crate::snapshot::permissions::of_directory;
use crate::snapshot::progress::Meter;
use crate::snapshot::scan::{Directory, Entry, Index, Stamp, split};
use crate::snapshot::shapes::Reason;
use crate::snapshot::system::{
    self, FileType, Opened, Refused, Result, Why, gives_owner, keep_owner, look_at, open_to_change,
    same_name, set_mode,
};

use super::directories::Directories;
use super::identical::is_identical;
use super::plan::Plan;
use super::problems::Problems;
use super::settle::{Settled, settle};
use super::stage::{self, Stage};

/// What became of a directory.
enum Made {
    New,
    /// It was there.
    Before,
    /// Something else is.
    Not,
}

/// The restore, when the new files are staged.
pub(super) struct Replacement<'a> {
    pub(super) now: &'a Index,
    pub(super) target: &'a Index,
    pub(super) plan: &'a Plan,
    pub(super) stage: &'a Stage<'a>,
    pub(super) directories: Directories<'a>,
    pub(super) problems: Problems,
    pub(super) meter: &'a Meter,
    /// What could not be staged, by its number.
    pub(super) unstaged: &'a BTreeMap<usize, Refused>,
    /// Whether files can be given to others: then they keep their owner.
    pub(super) gives_owner: bool,
    pub(super) deleted: u64,
    pub(super) written: u64,
}

impl<'a> Replacement<'a> {
    pub(super) fn new(
        root: &'a Dir,
        (now, target): (&'a Index, &'a Index),
        plan: &'a Plan,
        (stage, unstaged): (&'a Stage<'a>, &'a BTreeMap<usize, Refused>),
        durable: bool,
        meter: &'a Meter,
    ) -> Self {
        Self {
            now,
            target,
            plan,
            stage,
            directories: Directories::new(root, durable),
            problems: Problems::default(),
            meter,
            unstaged,
            gives_owner: gives_owner(),
            deleted: 0,
            written: 0,
        }
    }

    /// Does everything. What fails is remembered, and the rest is done nevertheless. Blocks.
    pub(super) fn run(&mut self) {
        let (now, target, plan) = (self.now, self.target, self.plan);
        for (at, number) in &plan.deleted {
            let directory = &now.directories[*at];
            self.delete(directory, &directory.entries[*number]);
        }
        // What is in a directory comes behind it.
        for at in plan.removed.iter().rev() {
            self.remove_directory(&now.directories[*at].path);
        }
        for at in &plan.made {
            self.make_directory(&target.directories[*at].path);
        }
        for (number, (at, place)) in plan.written.iter().enumerate() {
            let directory = &target.directories[*at];
            self.write(number, directory, &directory.entries[*place]);
        }
        for (at, place) in &plan.permissions {
            let directory = &target.directories[*at];
            self.set_permissions(directory, &directory.entries[*place]);
        }
        // A directory that nobody may write comes last.
        let with_modes = plan.made.iter().chain(&plan.directories);
        let mut with_modes: Vec<_> = with_modes.copied().collect();
        with_modes.sort_unstable();
        for at in with_modes.into_iter().rev() {
            let directory = &target.directories[at];
            let done = self
                .directories
                .set_mode(&directory.path, of_directory(directory));
            if let Err(error) = done {
                self.unwritable(directory.path.clone(), error);
            }
        }
        self.directories.restore_modes();
        self.directories.leave();
    }

    fn unwritable(&mut self, path: Vec<u8>, error: Refused) {
        self.problems.add(path, Reason::Unwritable, Some(error));
    }

    fn delete(&mut self, directory: &Directory, entry: &Entry) {
        let name = directory.name(entry);
        let done = self.directories.within(&directory.path, |opened| {
            match look(opened, name)? {
                None => return Ok(true),
                Some(stamp) if !is_untouched(opened, name, &stamp, entry)? => return Ok(false),
                Some(_) => {}
            }
            system::remove_file(opened, name).map(|()| true)
        });
        match done {
            Ok(true) => self.deleted += 1,
            Ok(false) => self
                .problems
                .add(directory.join(name), Reason::Changed, None),
            // Its directory is gone, too.
            Err(Refused { why: Why::Gone, .. }) => {}
            Err(error) => self.unwritable(directory.join(name), error),
        }
        self.meter.add(1, 0);
    }

    fn remove_directory(&mut self, path: &[u8]) {
        let (parent, name) = split(path);
        let done = self
            .directories
            .within(parent, |opened| system::remove_directory(opened, name));
        let Err(error) = done else { return };
        match error.why {
            // It stays for what no snapshot holds, or is a mount point.
            Why::NotEmpty | Why::Exists | Why::Busy | Why::Gone => {}
            // Something else is there: it was changed meanwhile.
            Why::NotDirectory => self.problems.add(path.to_vec(), Reason::Changed, None),
            _ => self.unwritable(path.to_vec(), error),
        }
    }

    fn make_directory(&mut self, path: &[u8]) {
        let (parent, name) = split(path);
        let done = self.directories.within(parent, |opened| {
            match system::make_directory(opened, name) {
                // It may be one that was left out.
                Err(Refused {
                    why: Why::Exists, ..
                }) => Ok(match system::look(opened, name)?.file_type() {
                    FileType::Directory => Made::Before,
                    _ => Made::Not,
                }),
                made => made.map(|()| Made::New),
            }
        });
        // Of two that have one name here, the files of both are in one.
        let is_another = |each: &Directory| each.path != path && same_name(&each.path, path);
        match done {
            Ok(Made::New) => {}
            Ok(Made::Before) if !self.target.directories.iter().any(is_another) => {}
            Ok(Made::Before | Made::Not) => {
                self.problems.add(path.to_vec(), Reason::InTheWay, None);
            }
            Err(error) => self.unwritable(path.to_vec(), error),
        }
    }

    fn write(&mut self, number: usize, directory: &Directory, entry: &Entry) {
        let name = directory.name(entry);
        if let Some(refused) = self.unstaged.get(&number) {
            self.unwritable(directory.join(name), *refused);
            self.meter.add(1, 0);
            return;
        }
        let staged = stage::name(number);
        let before = self.now.entry(&directory.path, name);
        let (stage, gives_owner) = (&self.stage.opened, self.gives_owner);
        let done = self.directories.within(&directory.path, |opened| {
            let there = look(opened, name)?;
            match (there, before) {
                (Some(there), Some(before)) if is_untouched(opened, name, &there, before)? => {
                    if gives_owner {
                        keep_owner(stage, &staged, opened, Some(name))?;
                    }
                    settle(stage, &staged, opened, name, entry, true)
                }
                (Some(_), Some(_)) => Ok(Settled::Changed),
                _ => {
                    if gives_owner {
                        keep_owner(stage, &staged, opened, None)?;
                    }
                    settle(stage, &staged, opened, name, entry, false)
                }
            }
        });
        match done {
            Ok(Settled::Done) => self.written += 1,
            Ok(Settled::Changed) => {
                self.problems
                    .add(directory.join(name), Reason::Changed, None);
            }
            Ok(Settled::InTheWay)
            | Err(Refused {
                why: Why::NotDirectory | Why::IsDirectory | Why::Link | Why::NotEmpty | Why::Exists,
                ..
            }) => {
                self.problems
                    .add(directory.join(name), Reason::InTheWay, None);
            }
            Err(error) => self.unwritable(directory.join(name), error),
        }
        self.meter.add(1, 0);
    }

    fn set_permissions(&mut self, directory: &Directory, entry: &Entry) {
        let name = directory.name(entry);
        let before = self.now.entry(&directory.path, name);
        let done = self.directories.within(&directory.path, |opened| {
            let file = open_to_change(opened, name)?;
            let there = look_at(&file)?;
            if before.is_none_or(|before| !there.is_same_file(&before.stamp)) {
                return Ok(false);
            }
            set_mode(&file, entry.stamp.permissions()).map(|()| true)
        });
        match done {
            Ok(true) => self.written += 1,
            Ok(false)
            | Err(Refused {
                why: Why::Gone | Why::Link,
                ..
            }) => {
                self.problems
                    .add(directory.join(name), Reason::Changed, None);
            }
            Err(error) => self.unwritable(directory.join(name), error),
        }
    }
}

/// Whether a file is what the safety snapshot holds. It is read again if its stamp does not say so: a program can set all times
/// but that of the change, which another name of the file changes, too.
fn is_untouched(opened: &Opened, name: &[u8], there: &Stamp, before: &Entry) -> Result<bool> {
    if !there.is_same_file(&before.stamp) {
        return Ok(false);
    }
    let is_sure = before.settled && there.changed == before.stamp.changed;
    Ok(is_sure || is_identical(opened, name, before)?)
}

/// What is there now.
fn look(opened: &Opened, name: &[u8]) -> Result<Option<Stamp>> {
    match system::look(opened, name) {
        Ok(stamp) => Ok(Some(stamp)),
        Err(Refused { why: Why::Gone, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
