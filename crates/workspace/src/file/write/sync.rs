//! Waits until the disk has what was written.

use std::fs::File;
use std::io::{self, ErrorKind};

/// Makes a file, or the entries of a directory, survive a loss of power. Not every file system can do this, and those
/// that the kernel makes up have no disk.
pub(super) fn sync(file: &File) -> io::Result<()> {
    match sync_all(file) {
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

/// Makes a file, or the entries of a directory, survive a loss of power, or says why not.
pub(crate) fn sync_all(file: &File) -> io::Result<()> {
    or_as_well_as_it_can(file, file.sync_all())
}

/// Like [`sync_all`], but for what the system need not know to read the file.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    or_as_well_as_it_can(file, file.sync_data())
}

/// On macOS the standard library asks the drive to empty its cache (`F_FULLFSYNC`), and nothing else. The file systems of
/// other machines, and some drivers, do not know that.
#[cfg(target_vendor = "apple")]
fn or_as_well_as_it_can(file: &File, synced: io::Result<()>) -> io::Result<()> {
    match synced.as_ref().err().and_then(io::Error::raw_os_error) {
        Some(libc::ENOTTY | libc::ENOTSUP | libc::EINVAL) => Ok(rustix::fs::fsync(file)?),
        _ => synced,
    }
}

/// Elsewhere the standard library calls what there is.
#[cfg(not(target_vendor = "apple"))]
fn or_as_well_as_it_can(_file: &File, synced: io::Result<()>) -> io::Result<()> {
    synced
}
