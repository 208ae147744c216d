//! The directories in which a restore works, each opened beneath the root without following links. One that nobody may
//! write is made writable for a moment.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};

use cap_std::fs::Dir;
use rustix::fs::{Mode, fchmod, fstat};
use rustix::io::{Errno, Result};

use crate::snapshot::scan::open_directory;

/// What the owner needs to change a directory.
const WRITABLE: u32 = 0o700;

/// What `fchmod` sets.
const BITS: u32 = 0o7777;

/// The directories.
pub(super) struct Directories<'a> {
    root: &'a Dir,
    /// The last one: files come directory by directory.
    last: Option<(Vec<u8>, OwnedFd)>,
    /// Those that were made writable, and what they had.
    loosened: BTreeMap<Vec<u8>, u32>,
    /// Whether each is written to the disk when the next one comes.
    durable: bool,
}

impl<'a> Directories<'a> {
    pub(super) const fn new(root: &'a Dir, durable: bool) -> Self {
        Self {
            root,
            last: None,
            loosened: BTreeMap::new(),
            durable,
        }
    }

    /// Works in the directory with this path.
    pub(super) fn within<T>(
        &mut self,
        path: &[u8],
        work: impl Fn(&OwnedFd) -> Result<T>,
    ) -> Result<T> {
        if self.last.as_ref().is_none_or(|(last, _)| last != path) {
            self.leave();
            let opened = open_directory(self.root.as_fd(), path)?;
            self.last = Some((path.to_vec(), opened));
        }
        let Some((_, opened)) = &self.last else {
            return Err(Errno::NOENT);
        };
        match work(opened) {
            Err(Errno::ACCESS) => {}
            done => return done,
        }
        let mode = fstat(opened)?.st_mode & BITS as rustix::fs::RawMode;
        #[allow(
            clippy::useless_conversion,
            reason = "the type differs between systems"
        )]
        let mode = u32::from(mode);
        if mode & WRITABLE == WRITABLE {
            return Err(Errno::ACCESS);
        }
        set_mode(opened, mode | WRITABLE)?;
        self.loosened.entry(path.to_vec()).or_insert(mode);
        work(opened)
    }

    /// Gives a directory these permissions.
    pub(super) fn set_mode(&mut self, path: &[u8], bits: u32) -> Result<()> {
        self.loosened.remove(path);
        self.within(path, |opened| set_mode(opened, bits))
    }

    /// Gives the rest of those that were made writable what they had, the deepest first.
    pub(super) fn restore_modes(&mut self) {
        while let Some((path, bits)) = self.loosened.pop_last() {
            // Some of them were removed.
            let _ = self.set_mode(&path, bits);
        }
    }

    /// Closes the last one.
    pub(super) fn leave(&mut self) {
        if let Some((_, opened)) = self.last.take()
            && self.durable
        {
            // Some file systems cannot do it.
            let _ = rustix::fs::fsync(opened);
        }
    }
}

pub(super) fn set_mode(opened: impl AsFd, bits: u32) -> Result<()> {
    fchmod(opened, Mode::from_raw_mode(bits as rustix::fs::RawMode))
}
