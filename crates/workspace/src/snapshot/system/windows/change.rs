//! Makes what is in a directory. It has the rights that its directory gives.

use std::fs::{self, File};

use super::open::Opened;
use crate::snapshot::system::refused::{Refused, Result, Why};

/// Makes a directory.
pub(crate) fn make_directory(opened: &Opened, name: &[u8]) -> Result<()> {
    opened.check()?;
    Ok(fs::create_dir(opened.child(name)?)?)
}

/// Makes a file, for writing.
pub(crate) fn create_file(opened: &Opened, name: &[u8]) -> Result<File> {
    let path = opened.child(name)?;
    let file = File::options().write(true).create_new(true).open(&path)?;
    match opened.is_child(&file, None)? {
        true => Ok(file),
        false => Err(Refused::of(Why::Link)),
    }
}

/// Whether files can be given to others.
pub(crate) const fn gives_owner() -> bool {
    false
}

/// The owner of a new file is who makes it.
pub(crate) const fn keep_owner(
    _stage: &Opened,
    _staged: &str,
    _opened: &Opened,
    _name: Option<&[u8]>,
) -> Result<()> {
    Ok(())
}
