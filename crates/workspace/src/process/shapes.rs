//! The types of a program that are the same on every system: what to run, and how it ended.

use std::ffi::OsString;
use std::path::PathBuf;

/// What to run.
#[derive(Debug)]
pub(crate) struct Program {
    /// The program and its arguments.
    pub(crate) argv: Vec<OsString>,
    /// Its working directory.
    pub(crate) directory: PathBuf,
    /// Variables with their value, or without one if the program must not have them. The rest of its environment is that
    /// of this process.
    pub(crate) variables: Vec<(OsString, Option<OsString>)>,
    /// Whether it gets input. Otherwise its input is at its end from the start.
    pub(crate) input: bool,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProgramExit {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it: `SIGKILL`.
    pub(crate) signal: Option<String>,
}
