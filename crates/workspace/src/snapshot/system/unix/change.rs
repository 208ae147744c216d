//! Makes and removes what is in a directory.

use std::fs::File;

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, symlinkat, unlinkat};

use super::open::Opened;
use crate::snapshot::system::refused::Result;

/// Makes a directory that only the user may use.
pub(crate) fn make_directory(opened: &Opened, name: &[u8]) -> Result<()> {
    Ok(mkdirat(opened, name, Mode::RWXU)?)
}

/// Makes a file that only the user may use, for writing.
pub(crate) fn create_file(opened: &Opened, name: &[u8]) -> Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = openat(opened, name, flags, Mode::RUSR | Mode::WUSR)?;
    Ok(file.into())
}

/// Makes a link. There is only one kind of them.
pub(crate) fn make_link(
    target: &[u8],
    opened: &Opened,
    name: &[u8],
    _to_directory: impl FnOnce() -> bool,
) -> Result<()> {
    Ok(symlinkat(target, opened, name)?)
}

/// Nobody has to know it here.
pub(crate) const fn leads_to_directory(
    _root: &Dir,
    _directory: &[u8],
    _link: &[u8],
    _inside: Option<&[u8]>,
) -> bool {
    false
}

pub(crate) fn remove_file(opened: &Opened, name: &[u8]) -> Result<()> {
    Ok(unlinkat(opened, name, AtFlags::empty())?)
}

/// Removes a directory with nothing in it.
pub(crate) fn remove_directory(opened: &Opened, name: &[u8]) -> Result<()> {
    Ok(unlinkat(opened, name, AtFlags::REMOVEDIR)?)
}
