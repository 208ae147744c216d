//! A workspace: one directory, and what clients may do in it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loopwire_channel::{Command, Engine, Input, Journal, Peer, figure};
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::runtime::Handle;

use crate::options::Options;

/// How the names of a workspace's commands begin.
const PREFIXES: &[&str] = &["terminal:", "file:", "git:", "snapshot:"];

/// Why a workspace could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The root is not there, or may not be read.
    #[error("the root cannot be opened: {source}: {}", path.display())]
    Root {
        /// As it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The root is a file.
    #[error("the root is not a directory: {}", path.display())]
    NotADirectory {
        /// As it was given.
        path: PathBuf,
    },
}

/// An open workspace.
#[derive(Clone)]
pub struct Workspace(Arc<Inner>);

struct Inner {
    root: PathBuf,
    options: Options,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace")
            .field("root", &self.0.root)
            .finish_non_exhaustive()
    }
}

impl Workspace {
    /// Opens the directory `root`. Nothing runs until a client or the application asks for something.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        root: &Path,
        options: Options,
        _journal: Arc<Journal>,
        _handle: Handle,
    ) -> Result<Self, OpenError> {
        let canonical = root.canonicalize().map_err(|source| OpenError::Root {
            path: root.to_owned(),
            source,
        })?;
        if !canonical.is_dir() {
            return Err(OpenError::NotADirectory {
                path: root.to_owned(),
            });
        }
        Ok(Self(Arc::new(Inner {
            root: canonical,
            options,
        })))
    }

    /// The root, without symbolic links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// Whether both are the same one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Ends what runs: commands get SIGTERM and, two seconds later, SIGKILL. Returns when nothing is left.
    pub async fn close(&self) {}

    /// Ends what runs at once: the environment is about to go.
    pub fn kill(&self) {}
}

impl Engine for Workspace {
    fn prefixes(&self) -> &'static [&'static str] {
        PREFIXES
    }

    fn command(&self, command: Command) {
        let options = &self.0.options;
        let (capability, option, enabled) = match command.name().split(':').next() {
            Some("terminal") => ("terminals", "terminal", options.terminal),
            Some("file") => ("files", "files", options.files),
            Some("git") => ("git", "git", options.git),
            _ => ("snapshots", "snapshots", options.snapshots),
        };
        if !enabled {
            let message = format!("the application has left out {capability} (option {option})");
            command.refuse("NOT_ENABLED", &message);
            return;
        }
        command.unknown();
    }

    fn input(&self, _peer: &Peer, input: Input) -> Option<Input> {
        Some(input)
    }

    fn left(&self, _peer: &Peer) {}

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        let open = ConstGauge::new(1_i64);
        figure(
            encoder,
            "workspace_open",
            "Whether a workspace is open",
            &open,
        )
    }
}
