//! The place of a file: the directory that it is in, held open, and its name there.

use std::path::PathBuf;

use cap_std::fs::Dir;

/// Where a file is, or would be.
#[derive(Debug)]
pub(crate) struct Location {
    pub(crate) dir: Dir,
    /// One component, and no link when it was looked at. What follows none (`rename`, `O_EXCL`) is safe.
    pub(crate) name: PathBuf,
}
