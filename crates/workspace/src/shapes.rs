//! What a command is started with, what it puts out, and how it ends: the same on every system.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

/// A command to be run.
#[derive(Clone, Debug, Default)]
pub struct Spawn {
    /// The id it goes by; without one it gets `term-1` and so on.
    pub id: Option<Value>,
    /// What the shell is told to do; without it, the shell itself, in a PTY.
    pub command: Option<String>,
    /// Where; without it, in the root.
    pub cwd: Option<String>,
    /// Added to its environment.
    pub env: Vec<(String, String)>,
    /// Whether it runs in a PTY, not with pipes.
    pub pty: bool,
    /// The width of its screen; 0 is the usual one.
    pub cols: u16,
    /// The height of its screen; 0 is the usual one.
    pub rows: u16,
    /// How long it may run.
    pub timeout: Option<Duration>,
}

/// Where a byte of output came from. All of a PTY's come from `Stdout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Source {
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
}

impl Source {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// Some output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it came from.
    pub source: Source,
    /// The offset of its first byte. Where it is not that behind the last chunk, what is between them was
    /// overwritten before it was read.
    pub offset: u64,
    /// The bytes, as they came: a character may go on in the next chunk of the same source.
    pub bytes: Bytes,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// What it returned; none where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it: `SIGKILL`.
    pub signal: Option<String>,
    /// How long it ran.
    pub duration: Duration,
    /// Why we ended it, if we did: `timeout`, `output`, `detached`, `closed`.
    pub reason: Option<&'static str>,
}
