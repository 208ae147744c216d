//! Who owns a file that was restored.

use rustix::fs::{AtFlags, Gid, Uid, chownat, fstat, statat};
use rustix::io::Errno;

use super::open::Opened;
use crate::snapshot::system::refused::Result;

/// Whether files can be given to others: then they keep their owner.
pub(crate) fn gives_owner() -> bool {
    rustix::process::geteuid().is_root()
}

/// Gives the new file the owner of the old one, or of its directory. A service may not be able to use it otherwise.
pub(crate) fn keep_owner(
    stage: &Opened,
    staged: &str,
    opened: &Opened,
    name: Option<&[u8]>,
) -> Result<()> {
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
        given => Ok(given?),
    }
}
