//! The location of a file: its directory, held open, and its name there.

use std::path::PathBuf;

use cap_std::fs::Dir;

/// The location of a file, whether it exists or not.
#[derive(Debug)]
pub(crate) struct Location {
    pub(crate) dir: Dir,
    /// One component that was not a link when it was checked. Calls that follow no link (`rename`, `O_EXCL`) are
    /// safe.
    pub(crate) name: PathBuf,
}
