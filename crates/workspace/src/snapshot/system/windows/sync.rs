//! Waits until the disk has what was written. Directories cannot be written by themselves: a rename is in the journal of the
//! file system, which is written some moments later, or with the next file that is waited for.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use cap_std::fs::Dir;

use super::open::Opened;
use crate::file::{sync_all, sync_data};

/// Whether each file has to be written by itself: only administrators can have a whole disk written.
pub(crate) const SYNCS_EACH: bool = true;

/// Writes a file of a restore.
pub(crate) fn write_out(file: &File) -> io::Result<()> {
    sync_data(file)
}

/// Nothing can be done.
pub(crate) const fn sync_directory(_opened: &Opened) {}

/// Writes a file, or the entries of a directory, of the store.
pub(crate) fn sync_path(path: &Path) -> io::Result<()> {
    match fs::metadata(path)?.is_dir() {
        // A file that is made for it: the journal has what was before.
        true => sync_all(&tempfile::tempfile_in(path)?),
        // The system writes only what is open for writing.
        false => sync_all(&File::options().write(true).open(path)?),
    }
}

/// Each file was written before.
pub(crate) const fn sync_disk(_root: &Dir) -> io::Result<()> {
    Ok(())
}
