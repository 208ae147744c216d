//! Opens directories and files beneath the root, without following any link.

use std::fs::File;
use std::os::fd::OwnedFd;

use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags, openat};

use crate::snapshot::system::refused::Result;

/// A directory, held open.
pub(crate) type Opened = OwnedFd;

/// A directory beneath the root; the root itself is the empty path. One component after the other: a link anywhere on
/// the way is refused, also one that was put there a moment ago, and the length of the path does not matter.
pub(crate) fn open_directory(root: &Dir, path: &[u8]) -> Result<Opened> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut parts = path
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or(b".");
    let mut directory = openat(root, first, flags, Mode::empty())?;
    for part in parts {
        directory = openat(&directory, part, flags, Mode::empty())?;
    }
    Ok(directory)
}

/// A file for reading. A link is refused; a pipe without a writer does not block.
pub(crate) fn open_file(directory: &Opened, name: &[u8]) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(directory, name, flags | OFlags::NOCTTY, Mode::empty())?;
    Ok(file.into())
}

/// A file whose permissions are changed: reading is all that one may need for that.
pub(crate) fn open_to_change(directory: &Opened, name: &[u8]) -> Result<File> {
    open_file(directory, name)
}
