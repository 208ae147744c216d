//! What a git that was killed leaves in the repository: temporary files, and lock files, which would stop the next one.

use std::fs;
use std::io;
use std::path::Path;

use crate::snapshot::system::delete;

/// Deletes it, and the files of ours beside it that never got their names. The caller has the store's lock, so no git of
/// ours is at work.
pub(super) fn sweep(place: &Path, repository: &Path) -> io::Result<()> {
    each(place, |name| {
        name.starts_with("index-") || name.starts_with("restore-")
    })?;
    each(repository, |name| {
        name.starts_with("fast_import_crash_") || name.ends_with(".lock")
    })?;
    for refs in ["refs", "refs/snapshots"] {
        each(&repository.join(refs), |name| name.ends_with(".lock"))?;
    }
    each(&repository.join("objects/pack"), |name| {
        name.starts_with("tmp_") || name.starts_with(".tmp-")
    })?;
    for entry in fs::read_dir(repository.join("objects"))? {
        let entry = entry?;
        let name = entry.file_name();
        // Loose objects, in 256 directories.
        if name.len() == 2 && entry.file_type()?.is_dir() {
            each(&entry.path(), |name| name.starts_with("tmp_obj_"))?;
        }
    }
    Ok(())
}

fn each(directory: &Path, which: impl Fn(&str) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(&which) {
            match delete(&entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}
