//! How a directory is opened: beneath the root's descriptor, through no link.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

use super::directory::OpenDir;

/// The root, held open.
#[derive(Debug)]
pub(crate) struct RootDir(OwnedFd);

const DIRECTORY: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

impl RootDir {
    /// Opens the directory that a path without links leads to.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let (flags, mode) = (OFlags::RDONLY | DIRECTORY, Mode::empty());
        let opened = match openat2(CWD, path, flags, mode, ResolveFlags::NO_SYMLINKS) {
            Err(error) if is_unknown(error) => openat(CWD, path, flags, mode),
            opened => opened,
        };
        Ok(Self(opened?))
    }

    /// A directory to look at names in it.
    pub(crate) fn directory(&self, relative: &Path) -> io::Result<OpenDir> {
        self.reach(relative, OFlags::PATH)
    }

    /// A directory to watch and to list.
    pub(crate) fn readable(&self, relative: &Path) -> io::Result<OpenDir> {
        self.reach(relative, OFlags::RDONLY)
    }

    fn reach(&self, relative: &Path, access: OFlags) -> io::Result<OpenDir> {
        let relative = match relative.as_os_str().is_empty() {
            true => Path::new("."),
            false => relative,
        };
        let (flags, mode) = (access | DIRECTORY, Mode::empty());
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match openat2(&self.0, relative, flags, mode, resolve) {
            Err(error) if is_unknown(error) => self.walk(relative, flags),
            opened => Ok(OpenDir::new(opened?)),
        }
    }

    /// The same, one component at a time.
    fn walk(&self, relative: &Path, flags: OFlags) -> io::Result<OpenDir> {
        let mut reached = openat(&self.0, ".", OFlags::PATH | DIRECTORY, Mode::empty())?;
        let mut parts = relative.components().peekable();
        while let Some(part) = parts.next() {
            let step = match parts.peek() {
                Some(_) => OFlags::PATH | DIRECTORY,
                None => flags,
            };
            reached = openat(&reached, part.as_os_str(), step, Mode::empty())?;
        }
        Ok(OpenDir::new(reached))
    }
}

/// Before Linux 5.6, and where a container's filter does not know the call.
fn is_unknown(error: Errno) -> bool {
    matches!(error, Errno::NOSYS | Errno::PERM)
}

/// Whether the error says that there is no directory: nothing, a link or something else is in its place.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
    )
}
