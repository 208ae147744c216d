//! The identity of a file or a directory: its device and inode numbers.

use std::fs;

/// Tells a file or a directory from another one that has taken its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(#[cfg(unix)] (u64, u64));

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self((metadata.dev(), metadata.ino()))
    }

    // On Windows an open directory can be neither deleted nor replaced. Files are not told from each other there.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &fs::Metadata) -> Self {
        Self()
    }
}
