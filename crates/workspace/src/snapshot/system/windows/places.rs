//! Paths: of rules, and of the store.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::remove::remove;
use crate::root::canonicalize;

/// The path of a snapshot as the system has it.
pub(crate) fn path(bytes: &[u8]) -> Cow<'_, Path> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(Path::new(text)),
        Cow::Owned(text) => Cow::Owned(text.into()),
    }
}

/// Directories in which each user has one, and those of single users.
pub(crate) fn homes() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let drive = env::var_os("SystemDrive").unwrap_or_else(|| "C:".into());
    let mut usual = drive;
    usual.push("\\Users");
    let own = env::home_dir().and_then(|home| Some(home.parent()?.to_owned()));
    // A directory alone on its drive is no directory of users.
    let own = own.filter(|users| users.parent().is_some());
    let users = own.into_iter().chain([PathBuf::from(usual)]);
    let users = users.map(|users| canonicalize(&users).unwrap_or(users));
    (users.collect(), Vec::new())
}

/// A path where git finds neither configuration nor hooks. `/dev/null` would be a directory of the drive, which any user can
/// make.
pub(crate) fn nowhere(repository: &Path) -> OsString {
    repository.join("nowhere").into()
}

/// Makes the directory and those above that are missing. They have the rights of the one that they are in: in a user's own
/// directory for state nobody else has any.
pub(crate) fn make_private(place: &Path) -> io::Result<()> {
    fs::create_dir_all(place)
}

/// Deletes a file of the store. Those of git are read-only.
pub(crate) fn delete(path: &Path) -> io::Result<()> {
    Ok(remove(path, false)?)
}
