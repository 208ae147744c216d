//! Errors of saved data. Each message says what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loopwire_channel::Cause;

/// Why saved data could not be opened or written. Never contains any of it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Another process or store uses the directory.
    #[error("the saved data in {} is in use by {}", dir.display(), holder(*pid))]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// Its process id, if known.
        pid: Option<u32>,
    },
    /// The file was written by a newer Loopwire. It is left as it is.
    #[error(
        "{} has format {found}, written by a newer version of Loopwire: use that version, or another directory",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// The operating system refused.
    #[error("cannot {doing} {}: {error}", path.display())]
    Io {
        /// The operation.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: Arc<io::Error>,
    },
    /// The store was closed.
    #[error("the saved data is closed")]
    Closed,
}

impl StoreError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "ERR_SAVED_DATA_IN_USE",
            Self::Newer { .. } => "ERR_SAVED_DATA_NEWER",
            Self::Io { .. } => "ERR_SAVED_DATA_IO",
            Self::Closed => "ERR_SAVED_DATA_CLOSED",
        }
    }

    /// What the system said, in Node's form.
    pub(crate) fn cause(&self) -> Option<Cause> {
        let Self::Io { doing, path, error } = self else {
            return None;
        };
        let cause = Cause::of(error).at_path(path.to_string_lossy());
        let syscall = match *doing {
            "open" | "read" => Some("open"),
            "write" => Some("write"),
            "lock" => Some("flock"),
            "replace" => Some("rename"),
            "sync" => Some("fsync"),
            "remove" => Some("unlink"),
            // A directory or a file: several calls.
            _ => None,
        };
        Some(match syscall {
            Some(syscall) => cause.during(syscall),
            None => cause,
        })
    }

    /// For `map_err`: adds the operation and the file.
    pub(super) fn io<E: Into<io::Error>>(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(E) -> Self {
        move |error| Self::Io {
            doing,
            path: path.to_owned(),
            error: Arc::new(error.into()),
        }
    }
}

fn holder(pid: Option<u32>) -> String {
    match pid {
        Some(pid) if pid == std::process::id() => format!("this process ({pid}) already"),
        Some(pid) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}
