//! Waits until the disk has what was written.

use std::fs::File;
use std::io;
use std::path::Path;

use cap_std::fs::Dir;

use super::open::Opened;
use crate::file::{sync_all, sync_data};

/// Whether each file and each directory has to be written by itself. On macOS nothing writes all that waits; there it goes to
/// the drive, which may still hold it in its cache.
pub(crate) const SYNCS_EACH: bool = cfg!(target_vendor = "apple");

/// Writes a file of a restore. On macOS the drive may hold it in its cache until that is emptied, which takes too long to do
/// for each file.
pub(crate) fn write_out(file: &File) -> io::Result<()> {
    match cfg!(target_vendor = "apple") {
        true => Ok(rustix::fs::fsync(file)?),
        false => sync_data(file),
    }
}

/// Writes the entries of a directory.
pub(crate) fn sync_directory(opened: &Opened) {
    // Some file systems cannot do it.
    let _ = rustix::fs::fsync(opened);
}

/// Writes a file, or the entries of a directory, of the store.
pub(crate) fn sync_path(path: &Path) -> io::Result<()> {
    sync_all(&File::open(path)?)
}

/// Writes all that waits for the disk of this directory.
#[cfg(target_os = "linux")]
pub(crate) fn sync_disk(root: &Dir) -> io::Result<()> {
    use std::os::fd::AsFd as _;
    // An error of another program's file is not ours.
    let _ = rustix::fs::syncfs(root.as_fd());
    Ok(())
}

/// Has the drive empty its cache, to which each file and each directory was written before. Nothing waits for all files
/// of a disk here: `sync` only begins to write.
#[cfg(target_vendor = "apple")]
pub(crate) fn sync_disk(root: &Dir) -> io::Result<()> {
    sync_all(&root.try_clone()?.into_std_file())
}

/// Writes all that waits for any disk.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(crate) fn sync_disk(_root: &Dir) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}
