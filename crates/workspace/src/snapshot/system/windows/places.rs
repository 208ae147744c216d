//! Paths: of rules, and of the store.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::patience::patiently;
use super::remove::remove;
use crate::root::canonicalize;

/// The largest file that git gives back, if the user wants this: its numbers of this kind have 32 bits here.
pub(crate) fn max_file_bytes(wanted: u64) -> u64 {
    wanted.min(u32::MAX.into())
}

/// Whether both name one file. Letters of other alphabets count as different.
pub(crate) const fn same_name(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

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
    // All users have it in common, beside their own.
    let public = env::var_os("PUBLIC").map(PathBuf::from);
    let moved = public.and_then(|public| Some(public.parent()?.to_owned()));
    // A directory alone on its drive is no directory of users.
    let moved = moved.filter(|users| users.parent().is_some());
    let users = moved.into_iter().chain([PathBuf::from(usual)]);
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
    Ok(remove(path, None, false)?)
}

/// Gives a file of the store its name. What had it is replaced.
pub(crate) fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    let staged = file.into_temp_path();
    patiently(|| fs::rename(&staged, path))
}
