//! The types of a terminal that are the same on every system: how a command is started, its output, its end.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

/// A command to run.
#[derive(Clone, Debug, Default)]
pub struct Spawn {
    /// The terminal's id; without one it gets `term-1`, `term-2` and so on.
    pub id: Option<Value>,
    /// The command line for the shell. Without it an interactive shell runs in a PTY.
    pub command: Option<String>,
    /// The working directory; the root without it.
    pub cwd: Option<String>,
    /// Variables that are added to the environment.
    pub env: Vec<(String, String)>,
    /// Whether it runs in a PTY instead of with pipes.
    pub pty: bool,
    /// The columns of the screen; 0 for the default.
    pub cols: u16,
    /// The rows of the screen; 0 for the default.
    pub rows: u16,
    /// The longest time that it may run.
    pub timeout: Option<Duration>,
    /// Whether its binary input is counted: see PROTOCOL section 7.
    pub count_input: bool,
}

/// The stream that output comes from. All output of a PTY comes from `Stdout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Source {
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
}

impl Source {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The stream that it comes from.
    pub source: Source,
    /// The offset of the first byte. If it does not follow the previous chunk, the bytes in between were overwritten
    /// before they were read. In a PTY the first chunk behind such a gap is no output: it sets the modes of a screen
    /// that hold there, and takes the place of the last bytes that were lost.
    pub offset: u64,
    /// The raw bytes: a character may continue in the next chunk of the same source.
    pub bytes: Bytes,
}

/// The end of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it: `SIGKILL`.
    pub signal: Option<String>,
    /// The time that it ran.
    pub duration: Duration,
    /// Why the workspace ended it, if it did: `timeout`, `output`, `detached`, `closed`; `failed` if it could not be
    /// run.
    pub reason: Option<&'static str>,
}
