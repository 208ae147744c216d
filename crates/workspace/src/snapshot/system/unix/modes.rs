//! Permissions.

use std::os::fd::AsFd;

use rustix::fs::{Mode, fchmod, fstat};

use super::open::Opened;
use crate::snapshot::system::refused::Result;

/// The permissions of files that a restore gives back.
pub(crate) const SETTABLE: u32 = 0o777;

/// Those of directories.
pub(crate) const SETTABLE_OF_DIRECTORIES: u32 = 0o7777;

/// What the owner needs to change a directory.
const WRITABLE: u32 = 0o700;

/// What `fchmod` sets.
const BITS: u32 = 0o7777;

/// The type and permissions of a file that had others in the snapshot before. The system knows all of them.
pub(crate) const fn mode_after(_before: u32, now: u32) -> u32 {
    now
}

/// Makes a directory writable for its owner. What it had; `None` if its owner could write it.
pub(crate) fn loosen(opened: &Opened) -> Result<Option<u32>> {
    let mode = fstat(opened)?.st_mode & BITS as rustix::fs::RawMode;
    #[allow(
        clippy::useless_conversion,
        reason = "the type differs between systems"
    )]
    let mode = u32::from(mode);
    if mode & WRITABLE == WRITABLE {
        return Ok(None);
    }
    set_mode(opened, mode | WRITABLE)?;
    Ok(Some(mode))
}

pub(crate) fn set_directory_mode(opened: &Opened, bits: u32) -> Result<()> {
    set_mode(opened, bits)
}

pub(crate) fn set_mode(file: impl AsFd, bits: u32) -> Result<()> {
    Ok(fchmod(
        file,
        Mode::from_raw_mode(bits as rustix::fs::RawMode),
    )?)
}
