//! A workspace: a directory, and what clients may do in it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loopwire_channel::{Command, Engine, EngineSpec, Executor, Input, Journal, Peer, figure};
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::binary::head;
use crate::context::WorkspaceContext;
use crate::file::Files;
use crate::git::Git;
use crate::options::{Options, Watch};
use crate::process::Guardian;
use crate::root::{Root, is_out_of_descriptors};
use crate::snapshot::Snapshots;
use crate::spec::SPEC;
use crate::terminal::Terminals;
use crate::watch::Watches;

/// Why a workspace could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The root does not exist or cannot be read.
    #[error("the root cannot be opened: {source}: {}", path.display())]
    Root {
        /// The path that was given.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// This process, or the system, has no file descriptor left.
    #[error(
        "the workspace cannot be opened: {source}; close files that this process has open, or raise its limit \
         (ulimit -n)"
    )]
    Descriptors {
        /// The error of the operating system.
        source: io::Error,
    },
    /// The root is a file.
    #[error("the root is not a directory: {}", path.display())]
    NotADirectory {
        /// The path that was given.
        path: PathBuf,
    },
}

impl OpenError {
    fn root(path: &Path, source: io::Error) -> Self {
        if is_out_of_descriptors(&source) {
            return Self::Descriptors { source };
        }
        let path = path.to_owned();
        Self::Root { path, source }
    }
}

/// An open workspace. Clones share it.
#[derive(Clone)]
pub struct Workspace(Arc<WorkspaceInner>);

struct WorkspaceInner {
    context: WorkspaceContext,
    options: Options,
    terminals: Option<Terminals>,
    files: Option<Files>,
    watches: Option<Watches>,
    git: Option<Git>,
    snapshots: Option<Snapshots>,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace")
            .field("root", &self.0.context.root)
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
        journal: Arc<Journal>,
        executor: impl Into<Executor>,
    ) -> Result<Self, OpenError> {
        let executor = executor.into();
        match std::fs::metadata(root) {
            Ok(metadata) if !metadata.is_dir() => {
                let path = root.to_owned();
                return Err(OpenError::NotADirectory { path });
            }
            Ok(_) => {}
            Err(source) => return Err(OpenError::root(root, source)),
        }
        let root = Root::open(root).map_err(|source| OpenError::root(root, source))?;
        let context = WorkspaceContext {
            root,
            journal,
            executor,
            guardian: Arc::new(Guardian::default()),
        };
        let terminals = (options.terminal).then(|| Terminals::new(context.clone(), &options));
        let files = (options.files).then(|| Files::new(context.clone(), &options));
        let watches =
            (options.watch != Watch::Off).then(|| Watches::new(context.clone(), &options));
        let git = (options.git).then(|| Git::new(context.clone(), &options));
        let snapshots = (options.snapshots).then(|| Snapshots::new(context.clone(), &options));
        Ok(Self(Arc::new(WorkspaceInner {
            context,
            options,
            terminals,
            files,
            watches,
            git,
            snapshots,
        })))
    }

    /// The root, without symbolic links.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.0.context.root.path()
    }

    /// Its terminals, unless they were left out.
    #[must_use]
    pub fn terminals(&self) -> Option<&Terminals> {
        self.0.terminals.as_ref()
    }

    /// Its files, unless they were left out.
    #[must_use]
    pub fn files(&self) -> Option<&Files> {
        self.0.files.as_ref()
    }

    /// Its snapshots, unless they were left out.
    #[must_use]
    pub fn snapshots(&self) -> Option<&Snapshots> {
        self.0.snapshots.as_ref()
    }

    /// Its watches, unless they were left out.
    #[must_use]
    pub fn watches(&self) -> Option<&Watches> {
        self.0.watches.as_ref()
    }

    /// Somebody may listen to events from now on: a listener is open.
    pub fn listened(&self) {
        if let Some(watches) = self.watches() {
            watches.listened();
        }
    }

    /// Its git operations, unless they were left out.
    #[must_use]
    pub fn git(&self) -> Option<&Git> {
        self.0.git.as_ref()
    }

    /// Whether both are the same workspace.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Ends all transfers, watches and snapshots at once, and all commands and git operations by SIGTERM and, two seconds later,
    /// SIGKILL; so, too, what has left the session of its command. Returns when nothing is left.
    pub async fn close(&self) {
        let watches = async {
            if let Some(watches) = self.watches() {
                watches.close().await;
            }
        };
        let files = async {
            if let Some(files) = self.files() {
                files.close().await;
            }
        };
        let snapshots = async {
            if let Some(snapshots) = self.snapshots() {
                snapshots.close().await;
            }
        };
        let terminals = async {
            if let Some(terminals) = self.terminals() {
                terminals.close().await;
            }
        };
        let git = async {
            if let Some(git) = self.git() {
                git.close().await;
            }
        };
        let escaped = self.0.context.guardian.end_escaped();
        tokio::join!(watches, files, snapshots, terminals, git, escaped);
        let guardian = Arc::clone(&self.0.context.guardian);
        let _ = tokio::task::spawn_blocking(move || guardian.kill()).await;
        self.0.context.root.close();
    }

    /// Kills all commands at once, because the environment is ending.
    pub fn kill(&self) {
        if let Some(watches) = self.watches() {
            watches.kill();
        }
        if let Some(terminals) = self.terminals() {
            terminals.kill();
        }
        if let Some(snapshots) = self.snapshots() {
            snapshots.kill();
        }
        if let Some(git) = self.git() {
            git.kill();
        }
        self.0.context.guardian.kill();
    }

    /// Why a command is not available, if it is not.
    fn missing(&self, name: &str) -> Option<String> {
        let options = &self.0.options;
        let (what, option, enabled) = match name.split(':').next() {
            Some("terminal") => ("terminals", "terminal", options.terminal),
            Some("git") => ("git", "git", options.git),
            Some("snapshot") => ("snapshots", "snapshots", options.snapshots),
            _ if matches!(name, "file:watch" | "file:unwatch") => {
                ("watching", "watch", options.watch != Watch::Off)
            }
            _ => ("files", "files", options.files),
        };
        (!enabled).then(|| format!("the application has disabled {what} (option {option})"))
    }
}

impl Engine for Workspace {
    fn spec(&self) -> &'static EngineSpec {
        &SPEC
    }

    fn brings_id(&self, name: &str) -> bool {
        match name.split(':').next() {
            Some("terminal") => Terminals::brings_id(name),
            Some("git") => Git::brings_id(name),
            _ => name != "file:unwatch",
        }
    }

    fn command(&self, command: Command) {
        if let Some(message) = self.missing(command.name()) {
            return command.refuse("NOT_ENABLED", &message);
        }
        if let Some(snapshots) = self
            .snapshots()
            .filter(|_| command.name().starts_with("snapshot:"))
        {
            return snapshots.command(command);
        }
        if let (Some(watches), "file:watch" | "file:unwatch") = (self.watches(), command.name()) {
            return watches.command(command);
        }
        if let Some(git) = self.git()
            && command.name().starts_with("git:")
        {
            return git.command(command);
        }
        match (self.terminals(), self.files()) {
            (Some(terminals), _) if command.name().starts_with("terminal:") => {
                terminals.command(command);
            }
            (_, Some(files)) if command.name().starts_with("file:") => files.command(command),
            _ => command.unknown(),
        }
    }

    fn input(&self, peer: &Peer, mut input: Input) -> Option<Input> {
        if let Some(terminals) = self.terminals() {
            input = terminals.input(peer, input)?;
        }
        match self.files() {
            Some(files) => files.input(peer, input),
            None => Some(input),
        }
    }

    fn owns_input(&self, _peer: &Peer, begin: &[u8]) -> bool {
        head(begin).is_some_and(|(stream, _)| {
            self.terminals().is_some_and(|one| one.owns(stream))
                || self.files().is_some_and(|one| one.owns(stream))
        })
    }

    fn left(&self, peer: &Peer) {
        if let Some(terminals) = self.terminals() {
            terminals.left(peer);
        }
        if let Some(files) = self.files() {
            files.left(peer);
        }
        if let Some(watches) = self.watches() {
            watches.left(peer);
        }
        if let Some(git) = self.git() {
            git.left(peer);
        }
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        let count = |count: usize| ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
        let running = count(self.terminals().map_or(0, Terminals::running));
        let watches = count(self.watches().map_or(0, Watches::count));
        let transfers = count(self.files().map_or(0, Files::transfers));
        let operations = count(self.git().map_or(0, Git::running));
        figure(
            encoder,
            "workspace_terminals",
            "Commands that run",
            &running,
        )?;
        figure(
            encoder,
            "workspace_transfers",
            "Files that are being read or written",
            &transfers,
        )?;
        figure(
            encoder,
            "workspace_watches",
            "Watches of clients and of the application",
            &watches,
        )?;
        figure(
            encoder,
            "workspace_git_operations",
            "Git operations that run",
            &operations,
        )
    }
}
