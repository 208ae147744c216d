//! Paths: of rules, and of the store.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The store holds copies of the user's files, secrets among them: nobody else may look into it.
const PRIVATE: u32 = 0o700;

/// The largest file that git gives back, if the user wants this.
pub(crate) const fn max_file_bytes(wanted: u64) -> u64 {
    wanted
}

/// Whether both name one file.
pub(crate) fn same_name(one: &[u8], other: &[u8]) -> bool {
    one == other
}

/// The path of a snapshot as the system has it.
pub(crate) fn path(bytes: &[u8]) -> Cow<'_, Path> {
    Cow::Borrowed(Path::new(OsStr::from_bytes(bytes)))
}

/// Directories in which each user has one, and those of single users.
pub(crate) fn homes() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let paths = |texts: [&str; 2]| texts.map(PathBuf::from).to_vec();
    (paths(["/home", "/Users"]), paths(["/root", "/var/root"]))
}

/// A path where git finds neither configuration nor hooks.
pub(crate) fn nowhere(_repository: &Path) -> OsString {
    "/dev/null".into()
}

/// Makes the directory and those above that are missing, for the user alone.
pub(crate) fn make_private(place: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE)
        .create(place)?;
    let mode = fs::metadata(place)?.permissions().mode();
    match mode & 0o777 == PRIVATE {
        true => Ok(()),
        false => fs::set_permissions(place, Permissions::from_mode(PRIVATE)),
    }
}

/// Deletes a file of the store.
pub(crate) fn delete(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// Gives a file of the store its name. What had it is replaced.
pub(crate) fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Nobody who looks at a file keeps others from changing it.
pub(crate) fn patiently<T>(work: impl Fn() -> io::Result<T>) -> io::Result<T> {
    work()
}
