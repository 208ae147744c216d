//! Moves a file to another directory.

use rustix::fs::{AtFlags, RenameFlags, renameat, statat};
use rustix::io::{Errno, Result};

use super::open::Opened;
use crate::snapshot::system::refused;

/// Moves a file. `over`: what has the new name is replaced; otherwise nothing may have it.
pub(crate) fn rename(
    from: &Opened,
    old: &str,
    to: &Opened,
    new: &[u8],
    over: bool,
) -> refused::Result<()> {
    Ok(renamed(from, old, to, new, over)?)
}

fn renamed(from: &Opened, old: &str, to: &Opened, new: &[u8], over: bool) -> Result<()> {
    if over {
        return renameat(from, old, to, new);
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
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
