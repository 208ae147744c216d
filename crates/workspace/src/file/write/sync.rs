//! Waits until the disk has what was written.

use std::fs::File;
use std::io::{self, ErrorKind};

/// Makes a file, or the entries of a directory, survive a loss of power. Not every file system can do this, and those
/// that the kernel makes up have no disk.
pub(super) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}
