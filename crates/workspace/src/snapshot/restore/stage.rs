//! The staging directory in the root, with the new files: whole, and with their permissions, before the first file of the
//! workspace is touched. A full disk is found here.

use std::fs::File;
use std::io::{self, Write as _};

use cap_std::fs::Dir;

use crate::snapshot::scan::{Entry, is_own_temporary};
use crate::snapshot::system::{
    Opened, Refused, Result, Why, create_file, each_name, make_directory, make_link,
    open_directory, remove_directory, remove_file, set_mode, write_out,
};

/// Its name, which no snapshot holds.
pub(super) const NAME: &str = ".loopwire-restore.tmp";

/// The staging directory.
pub(super) struct Stage<'a> {
    pub(super) root: &'a Dir,
    pub(super) opened: Opened,
}

/// The name of the file with this number.
pub(super) fn name(number: usize) -> String {
    format!("{number:x}")
}

impl<'a> Stage<'a> {
    /// Makes it, empty.
    pub(super) fn make(root: &'a Dir) -> io::Result<Self> {
        sweep(root)?;
        make_directory(&open_directory(root, b"")?, NAME.as_bytes())?;
        let opened = open_directory(root, NAME.as_bytes())?;
        Ok(Self { root, opened })
    }

    /// The one that was made before.
    pub(super) fn reopen(root: &'a Dir) -> io::Result<Self> {
        let opened = open_directory(root, NAME.as_bytes())?;
        Ok(Self { root, opened })
    }

    /// Adds a link. `to_directory`: whether it leads to a directory, where that makes a difference.
    pub(super) fn link(
        &self,
        number: usize,
        target: &[u8],
        to_directory: impl FnOnce() -> bool,
    ) -> Result<()> {
        make_link(target, &self.opened, name(number).as_bytes(), to_directory)
    }

    /// Adds a file, which is written then.
    pub(super) fn file(&self, number: usize) -> io::Result<File> {
        Ok(create_file(&self.opened, name(number).as_bytes())?)
    }

    /// Removes it with all that is left in it.
    pub(super) fn remove(self) -> io::Result<()> {
        let Self { root, opened } = self;
        // What is open cannot be removed on Windows.
        drop(opened);
        sweep(root)
    }
}

/// A file is complete: it gets its permissions, and the disk gets it.
pub(super) fn complete(mut file: &File, entry: &Entry, durable: bool) -> io::Result<()> {
    file.flush()?;
    set_mode(file, entry.stamp.permissions())?;
    match durable {
        true => write_out(file),
        false => Ok(()),
    }
}

/// Removes a staging directory, perhaps one that a crash has left.
pub(super) fn sweep(root: &Dir) -> io::Result<()> {
    debug_assert!(is_own_temporary(NAME.as_bytes()), "no snapshot may hold it");
    let opened = match open_directory(root, NAME.as_bytes()) {
        Ok(opened) => opened,
        Err(Refused { why: Why::Gone, .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut removed = Ok(());
    each_name(&opened, |name, _| {
        if removed.is_ok() {
            removed = remove_file(&opened, name);
        }
    })?;
    removed?;
    drop(opened);
    let root = open_directory(root, b"")?;
    Ok(remove_directory(&root, NAME.as_bytes())?)
}
