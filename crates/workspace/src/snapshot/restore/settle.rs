//! Moves one staged file to its place.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    AtFlags, OFlags, RenameFlags, openat, readlinkat, renameat, statat, symlinkat, unlinkat,
};
use rustix::io::{Errno, Result};

use crate::file::sync_data;
use crate::snapshot::scan::{Entry, open_file};

use super::directories::set_mode;
use super::identical::is_identical;

/// A file on its way to its place where that is on another file system.
const COPY: &str = ".loopwire-restored.tmp";

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Done,
    Changed,
    InTheWay,
}

/// Moves it. `over`: what has its name is replaced; otherwise nothing may be there that differs.
pub(super) fn settle(
    stage: &OwnedFd,
    staged: &str,
    opened: &OwnedFd,
    name: &[u8],
    entry: &Entry,
    over: bool,
) -> Result<Settled> {
    match rename(stage, staged, opened, name, over) {
        Err(Errno::XDEV) => {
            let copied = copy(stage, staged, opened, entry)
                .and_then(|()| rename(opened, COPY, opened, name, over));
            if copied.is_err() {
                let _ = unlinkat(opened, COPY, AtFlags::empty());
            }
            finish(copied, opened, name, entry)
        }
        done => finish(done, opened, name, entry),
    }
}

fn finish(done: Result<()>, opened: &OwnedFd, name: &[u8], entry: &Entry) -> Result<Settled> {
    match done {
        Ok(()) => Ok(Settled::Done),
        // No snapshot holds it, but it is what the snapshot would put there.
        Err(Errno::EXIST) => Ok(match is_identical(opened, name, entry)? {
            true => Settled::Done,
            false => Settled::InTheWay,
        }),
        Err(error) => Err(error),
    }
}

fn rename(from: impl AsFd, old: &str, to: &OwnedFd, new: &[u8], over: bool) -> Result<()> {
    if over {
        return renameat(from, old, to, new);
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    match rustix::fs::renameat_with(&from, old, to, new, RenameFlags::NOREPLACE) {
        // Not every file system can do it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
        done => return done,
    }
    match statat(to, new, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Err(Errno::EXIST),
        Err(Errno::NOENT) => renameat(from, old, to, new),
        Err(error) => Err(error),
    }
}

/// Copies it into its directory: that is a mount point, or behind one.
fn copy(stage: &OwnedFd, staged: &str, opened: &OwnedFd, entry: &Entry) -> Result<()> {
    match unlinkat(opened, COPY, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error),
    }
    if entry.stamp.is_link() {
        return symlinkat(readlinkat(stage, staged, Vec::new())?, opened, COPY);
    }
    let errno = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
    let mut from = std::fs::File::from(open_file(stage, staged.as_bytes())?);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let to = openat(
        opened,
        COPY,
        flags,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
    )?;
    let mut to = std::fs::File::from(to);
    std::io::copy(&mut from, &mut to).map_err(errno)?;
    set_mode(&to, entry.stamp.permissions())?;
    sync_data(&to).map_err(errno)
}
