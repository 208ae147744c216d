//! The staging directory in the root, with the new files: whole, and with their permissions, before the first file of the
//! workspace is touched. A full disk is found here.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, symlinkat, unlinkat};
use rustix::io::Errno;

use crate::file::sync_data;
use crate::snapshot::scan::{Entry, is_own_temporary, open_directory};

use super::directories::set_mode;

/// Its name, which no snapshot holds.
pub(super) const NAME: &str = ".loopwire-restore.tmp";

/// A file in it before it gets its permissions.
const PRIVATE: u32 = 0o600;

/// The staging directory.
pub(super) struct Stage<'a> {
    root: &'a Dir,
    pub(super) opened: OwnedFd,
}

/// The name of the file with this number.
pub(super) fn name(number: usize) -> String {
    format!("{number:x}")
}

impl<'a> Stage<'a> {
    /// Makes it, empty.
    pub(super) fn make(root: &'a Dir) -> io::Result<Self> {
        sweep(root)?;
        mkdirat(root.as_fd(), NAME, Mode::RWXU)?;
        let opened = open_directory(root.as_fd(), NAME.as_bytes())?;
        Ok(Self { root, opened })
    }

    /// The one that was made before.
    pub(super) fn reopen(root: &'a Dir) -> io::Result<Self> {
        let opened = open_directory(root.as_fd(), NAME.as_bytes())?;
        Ok(Self { root, opened })
    }

    /// Adds a link.
    pub(super) fn link(&self, number: usize, target: &[u8]) -> io::Result<()> {
        Ok(symlinkat(target, &self.opened, name(number))?)
    }

    /// Adds a file, which is written then.
    pub(super) fn file(&self, number: usize) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(PRIVATE as rustix::fs::RawMode);
        let file = openat(&self.opened, name(number), flags, mode)?;
        Ok(file.into())
    }

    /// Removes it with all that is left in it.
    pub(super) fn remove(self) -> io::Result<()> {
        sweep(self.root)
    }
}

/// A file is complete: it gets its permissions, and the disk gets it. On macOS the drive may hold it in its cache until
/// that is emptied ([`super::finish::sync`]), which takes too long to do for each file.
pub(super) fn complete(mut file: &File, entry: &Entry, durable: bool) -> io::Result<()> {
    file.flush()?;
    set_mode(file, entry.stamp.permissions())?;
    match durable {
        true if cfg!(target_vendor = "apple") => Ok(rustix::fs::fsync(file)?),
        true => sync_data(file),
        false => Ok(()),
    }
}

/// Removes a staging directory, perhaps one that a crash has left.
pub(super) fn sweep(root: &Dir) -> io::Result<()> {
    debug_assert!(is_own_temporary(NAME.as_bytes()), "no snapshot may hold it");
    let opened = match open_directory(root.as_fd(), NAME.as_bytes()) {
        Ok(opened) => opened,
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for entry in rustix::fs::Dir::read_from(&opened)? {
        let entry = entry?;
        let name = entry.file_name();
        if !matches!(name.to_bytes(), b"." | b"..") {
            unlinkat(&opened, name, AtFlags::empty())?;
        }
    }
    Ok(unlinkat(root.as_fd(), NAME, AtFlags::REMOVEDIR)?)
}
