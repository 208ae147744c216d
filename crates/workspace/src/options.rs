//! The options of a workspace: which parts are enabled, and the limits.

use std::path::PathBuf;
use std::time::Duration;

/// When clients are told of changed files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// From the start.
    #[default]
    Auto,
    /// From the first `file:watch` of a client on.
    OnDemand,
    /// Never.
    Off,
}

/// A protocol by which git reaches another repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitProtocol {
    /// `https://`
    Https,
    /// `http://`
    Http,
    /// `ssh://`, and `host:path`
    Ssh,
    /// `git://`
    Git,
    /// `file://`, and paths: any repository that this process may read.
    File,
    /// `ext::`: any program.
    Ext,
}

impl GitProtocol {
    /// Those that reach servers only.
    pub const DEFAULT: [Self; 4] = [Self::Https, Self::Http, Self::Ssh, Self::Git];

    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Https,
        Self::Http,
        Self::Ssh,
        Self::Git,
        Self::File,
        Self::Ext,
    ];

    /// Its name, as git has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Git => "git",
            Self::File => "file",
            Self::Ext => "ext",
        }
    }

    /// The protocol with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// The options of a workspace. The defaults are those of `openWorkspace`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether clients may run commands.
    pub terminal: bool,
    /// Whether clients may read and write files.
    pub files: bool,
    /// Whether clients are told of changed files.
    pub watch: Watch,
    /// Whether clients may use git.
    pub git: bool,
    /// The protocols by which git may reach other repositories.
    pub git_protocols: Vec<GitProtocol>,
    /// Whether the repositories in the workspace are trusted: their hooks and the programs that their configuration
    /// names then run, as they do when the user runs git there.
    pub trust_repositories: bool,
    /// Whether clients may take and restore snapshots.
    pub snapshots: bool,
    /// How many snapshots are kept; without a limit if `None`.
    pub max_snapshots: Option<u64>,
    /// How old a snapshot may become; without a limit if `None`.
    pub max_snapshot_age: Option<Duration>,
    /// The program that runs commands, and its arguments; the command is added to them. Without it the user's shell.
    pub shell: Option<Vec<String>>,
    /// Variables that are added to the environment of each command.
    pub env: Vec<(String, String)>,
    /// How long a command may run after its last connection has gone; without a limit if `None`.
    pub detach: Option<Duration>,
    /// The bytes of a terminal's output that are kept for connections that attach later.
    pub scrollback_bytes: usize,
    /// The largest number of commands at a time.
    pub max_terminals: usize,
    /// The largest number of watches at a time.
    pub max_watches: usize,
    /// The largest file that is read or written.
    pub max_file_bytes: u64,
    /// The most bytes of output of one command; without a limit if `None`.
    pub max_output_bytes: Option<u64>,
    /// How long a client may pause while it uploads a file.
    pub upload_pause: Duration,
    /// Where the stores of snapshots are; in the user's directory for state without it.
    pub snapshot_dir: Option<PathBuf>,
    /// The largest file that a snapshot holds.
    pub max_snapshot_file_bytes: u64,
    /// The most files that a snapshot holds.
    pub max_snapshot_files: u64,
    /// How long whoever has started a git operation may take to answer a question for credentials.
    pub credentials_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            terminal: true,
            files: true,
            watch: Watch::Auto,
            git: true,
            git_protocols: GitProtocol::DEFAULT.to_vec(),
            trust_repositories: false,
            snapshots: true,
            // Clients may ask for them without end, and a list of more helps nobody.
            max_snapshots: Some(1_000),
            max_snapshot_age: None,
            shell: None,
            env: Vec::new(),
            // Enough for a reload of the page, or a short loss of the network.
            detach: Some(Duration::from_secs(300)),
            scrollback_bytes: 1 << 20,
            max_terminals: 64,
            max_watches: 64,
            max_file_bytes: 1 << 30,
            max_output_bytes: None,
            // A forgotten upload must not keep its permit for ever, and a slow one must not fail.
            upload_pause: Duration::from_secs(60),
            snapshot_dir: None,
            // Sources and documents are far smaller; videos, disk images and databases are not.
            max_snapshot_file_bytes: 100 << 20,
            // About 200 bytes of memory each, while a snapshot is taken.
            max_snapshot_files: 1_000_000,
            // As long as an SSH server waits for a login (LoginGraceTime).
            credentials_wait: Duration::from_secs(120),
        }
    }
}
