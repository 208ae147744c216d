//! Opens directories and files beneath the root, without following any link.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::{Errno, Result};

/// A directory beneath the root; the root itself is the empty path. One component after the other: a link anywhere on
/// the way is refused, also one that was put there a moment ago, and the length of the path does not matter.
pub(crate) fn open_directory(root: impl AsFd, path: &[u8]) -> Result<OwnedFd> {
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
pub(crate) fn open_file(directory: impl AsFd, name: &[u8]) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    openat(directory, name, flags | OFlags::NOCTTY, Mode::empty())
}

/// Whether the error says that the system has no more descriptors or memory: nothing about the file.
pub(crate) const fn is_exhausted(error: Errno) -> bool {
    matches!(error, Errno::MFILE | Errno::NFILE | Errno::NOMEM)
}
