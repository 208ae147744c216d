//! A directory inside the root that is held open, so that a terminal can start in it.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

/// A directory inside the root, held open.
#[derive(Debug)]
pub struct Directory {
    pub(super) path: PathBuf,
    pub(super) dir: Dir,
}

impl Directory {
    /// Its canonical path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path that a child process changes its directory to, while this is held. On Linux it names the descriptor,
    /// so that the child ends up in this very directory even if the path leads elsewhere meanwhile.
    #[must_use]
    pub fn child_path(&self) -> PathBuf {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd;
            let child_path = PathBuf::from(format!("/proc/self/fd/{}", self.dir.as_raw_fd()));
            // Only where there is no /proc at all is the path used. If the system cannot look, the child will fail.
            let there = std::fs::symlink_metadata(&child_path);
            if !there.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
                return child_path;
            }
        }
        self.path.clone()
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> io::Result<bool> {
        Ok(self.dir.entries()?.next().is_none())
    }

    /// Removes everything in it. Links are removed, not followed.
    pub(crate) fn clear(&self) -> io::Result<()> {
        for entry in self.dir.entries()? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => self.dir.remove_dir_all(entry.file_name())?,
                false => self.dir.remove_file(entry.file_name())?,
            }
        }
        Ok(())
    }
}
