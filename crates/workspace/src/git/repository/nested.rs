//! Repositories inside of a work tree. Git looks for changes in those that are submodules, before a merge and after a
//! checkout, and what it starts there reads their own configuration. Which ones are submodules is said by commits that
//! may not be here yet, so all are found.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loopwire_channel::CommandError;

use crate::root::refusal;

/// The most files and directories of a work tree that are looked at.
const MAX_ENTRIES: usize = 4_000_000;

/// The most repositories. Git is asked for the configuration of each.
const MAX_NESTED: usize = 1_000;

/// The directories below `top` that have a repository. Links are not followed: git does not, either.
pub(super) fn nested(top: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let (mut rest, mut found, mut seen) = (vec![top.to_owned()], Vec::new(), 0_usize);
    while let Some(directory) = rest.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            // Git cannot enter it, either. One that can be entered without being listed hides what is in it.
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied
                    && fs::metadata(directory.join(".")).is_err() =>
            {
                continue;
            }
            Err(error) => return Err(refusal(&error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| refusal(&error))?;
            seen += 1;
            if seen > MAX_ENTRIES || found.len() >= MAX_NESTED {
                let message = format!(
                    "the work tree has more than {MAX_ENTRIES} files, or more than {MAX_NESTED} repositories in it: \
                     trust the repositories of this workspace (option trustRepositories)"
                );
                return Err(CommandError::new("CONFIG_REFUSED", message));
            }
            if entry.file_name() == ".git" {
                if directory != top {
                    found.push(directory.clone());
                }
                continue;
            }
            // Removed meanwhile, if there is none.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                rest.push(entry.path());
            }
        }
    }
    Ok(found)
}
