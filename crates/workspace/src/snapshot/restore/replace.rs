//! Puts the files of the snapshot in their places. A reader of a file sees the old one or the new one.

use std::os::fd::{AsFd, OwnedFd};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, Gid, Mode, Uid, chownat, fstat, mkdirat, statat, unlinkat};
use rustix::io::{Errno, Result};

use crate::snapshot::permissions::of_directory;
use crate::snapshot::progress::Meter;
use crate::snapshot::scan::{Directory, Entry, Index, Stamp, open_file, split};
use crate::snapshot::shapes::Reason;

use super::directories::{Directories, set_mode};
use super::identical::is_identical;
use super::plan::Plan;
use super::problems::Problems;
use super::settle::{Settled, settle};
use super::stage::{self, Stage};

/// The restore, when the new files are staged.
pub(super) struct Replacement<'a> {
    pub(super) now: &'a Index,
    pub(super) target: &'a Index,
    pub(super) plan: &'a Plan,
    pub(super) stage: &'a Stage<'a>,
    pub(super) directories: Directories<'a>,
    pub(super) problems: Problems,
    pub(super) meter: &'a Meter,
    /// Whether files can be given to others: then they keep their owner.
    pub(super) is_root: bool,
    pub(super) deleted: u64,
    pub(super) written: u64,
}

impl<'a> Replacement<'a> {
    pub(super) fn new(
        root: &'a Dir,
        (now, target): (&'a Index, &'a Index),
        plan: &'a Plan,
        stage: &'a Stage<'a>,
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
            is_root: rustix::process::geteuid().is_root(),
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

    fn unwritable(&mut self, path: Vec<u8>, error: Errno) {
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
            unlinkat(opened, name, AtFlags::empty()).map(|()| true)
        });
        match done {
            Ok(true) => self.deleted += 1,
            Ok(false) => self
                .problems
                .add(directory.join(name), Reason::Changed, None),
            // Its directory is gone, too.
            Err(Errno::NOENT) => {}
            Err(error) => self.unwritable(directory.join(name), error),
        }
        self.meter.add(1, 0);
    }

    fn remove_directory(&mut self, path: &[u8]) {
        let (parent, name) = split(path);
        let done = self
            .directories
            .within(parent, |opened| unlinkat(opened, name, AtFlags::REMOVEDIR));
        match done {
            // It stays for what no snapshot holds, or is a mount point.
            Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST | Errno::BUSY | Errno::NOENT) => {}
            // Something else is there: it was changed meanwhile.
            Err(Errno::NOTDIR) => self.problems.add(path.to_vec(), Reason::Changed, None),
            Err(error) => self.unwritable(path.to_vec(), error),
        }
    }

    fn make_directory(&mut self, path: &[u8]) {
        let (parent, name) = split(path);
        let done =
            (self.directories).within(parent, |opened| match mkdirat(opened, name, Mode::RWXU) {
                Err(Errno::EXIST) => {
                    let there = statat(opened, name, AtFlags::SYMLINK_NOFOLLOW)?;
                    match rustix::fs::FileType::from_raw_mode(there.st_mode) {
                        // One that was left out.
                        rustix::fs::FileType::Directory => Ok(true),
                        _ => Ok(false),
                    }
                }
                made => made.map(|()| true),
            });
        match done {
            Ok(true) => {}
            Ok(false) => self.problems.add(path.to_vec(), Reason::InTheWay, None),
            Err(error) => self.unwritable(path.to_vec(), error),
        }
    }

    fn write(&mut self, number: usize, directory: &Directory, entry: &Entry) {
        let name = directory.name(entry);
        let staged = stage::name(number);
        let before = self.now.entry(&directory.path, name);
        let (stage, is_root) = (&self.stage.opened, self.is_root);
        let done = self.directories.within(&directory.path, |opened| {
            let there = look(opened, name)?;
            match (there, before) {
                (Some(there), Some(before)) if is_untouched(opened, name, &there, before)? => {
                    if is_root {
                        keep_owner(stage, &staged, opened, Some(name))?;
                    }
                    settle(stage, &staged, opened, name, entry, true)
                }
                (Some(_), Some(_)) => Ok(Settled::Changed),
                _ => {
                    if is_root {
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
            | Err(Errno::NOTDIR | Errno::ISDIR | Errno::LOOP | Errno::NOTEMPTY | Errno::EXIST) => {
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
            let file = open_file(opened, name)?;
            let there = Stamp::of(&fstat(&file)?);
            if before.is_none_or(|before| !there.is_same_file(&before.stamp)) {
                return Ok(false);
            }
            set_mode(file, entry.stamp.permissions()).map(|()| true)
        });
        match done {
            Ok(true) => self.written += 1,
            Ok(false) | Err(Errno::NOENT | Errno::LOOP) => {
                self.problems
                    .add(directory.join(name), Reason::Changed, None);
            }
            Err(error) => self.unwritable(directory.join(name), error),
        }
    }
}

/// Whether a file is what the safety snapshot holds. It is read again if its stamp does not say so: a program can set all times
/// but that of the change, which another name of the file changes, too.
fn is_untouched(opened: &OwnedFd, name: &[u8], there: &Stamp, before: &Entry) -> Result<bool> {
    if !there.is_same_file(&before.stamp) {
        return Ok(false);
    }
    let is_sure = before.settled && there.changed == before.stamp.changed;
    Ok(is_sure || is_identical(opened, name, before)?)
}

/// What is there now.
fn look(opened: &OwnedFd, name: &[u8]) -> Result<Option<Stamp>> {
    match statat(opened, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(Stamp::of(&stat))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives the new file the owner of the old one, or of its directory. A service may not be able to use it otherwise.
fn keep_owner(stage: impl AsFd, staged: &str, opened: &OwnedFd, name: Option<&[u8]>) -> Result<()> {
    let old = match name {
        Some(name) => statat(opened, name, AtFlags::SYMLINK_NOFOLLOW)?,
        None => fstat(opened)?,
    };
    let owner = (
        Some(Uid::from_raw(old.st_uid)),
        Some(Gid::from_raw(old.st_gid)),
    );
    match chownat(stage, staged, owner.0, owner.1, AtFlags::SYMLINK_NOFOLLOW) {
        // The superuser of a container may not give files away, or not to this user. The contents matter more.
        Err(Errno::PERM | Errno::INVAL) => Ok(()),
        given => given,
    }
}
