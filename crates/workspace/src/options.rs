//! The options of a workspace: what the application may leave out, and the limits.

use std::time::Duration;

/// When changes of files are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// From the start, as seed 004 shows it.
    #[default]
    Auto,
    /// From a client's first `file:watch` on.
    OnDemand,
    /// Never.
    Off,
}

/// What the application may choose. The defaults are those of `openWorkspace`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether clients may run commands.
    pub terminal: bool,
    /// Whether clients may read and write files.
    pub files: bool,
    /// Whether clients hear of changes.
    pub watch: Watch,
    /// Whether clients may have git work.
    pub git: bool,
    /// Whether clients may take and restore snapshots.
    pub snapshots: bool,
    /// What runs a command: the program and its arguments, to which the command is added. The user's shell
    /// without it.
    pub shell: Option<Vec<String>>,
    /// Added to the environment of each command.
    pub env: Vec<(String, String)>,
    /// How long a command outlives the last connection that was attached to it; without it, for ever.
    pub detach: Option<Duration>,
    /// How much of a terminal's output is kept for those who attach later.
    pub scrollback_bytes: usize,
    /// Commands that may run at a time.
    pub max_terminals: usize,
    /// Watches that may be open at a time.
    pub max_watches: usize,
    /// The largest file that is read or written.
    pub max_file_bytes: u64,
    /// How much one command may put out; without it, any amount.
    pub max_output_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            terminal: true,
            files: true,
            watch: Watch::Auto,
            git: true,
            snapshots: true,
            shell: None,
            env: Vec::new(),
            // A reload, or a laptop that is carried to the next room.
            detach: Some(Duration::from_secs(300)),
            scrollback_bytes: 1 << 20,
            max_terminals: 64,
            max_watches: 64,
            max_file_bytes: 1 << 30,
            max_output_bytes: None,
        }
    }
}
