//! What can go wrong with saved data, for the person who must act.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why saved data could not be taken or written. Never holds what is in it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Somebody else uses the directory.
    #[error("the saved data in {} is in use by {}", dir.display(), holder(*pid))]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// Who uses it, if that can be told.
        pid: Option<u32>,
    },
    /// The file was written by a later Loopwire. It is left as it is.
    #[error(
        "{} is of form {found}, written by a newer version of Loopwire: use that, or another directory",
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
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        error: Arc<io::Error>,
    },
    /// The store was closed before.
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

    /// For `map_err`: says what was tried with which file.
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
