//! What is the same on every system: what to run, and how it ended.

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

impl Program {
    /// What git is called in `argv`. On Windows a batch file could have its name, too, which would read the arguments anew.
    pub(crate) const GIT: &str = if cfg!(windows) { "git.exe" } else { "git" };
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProgramExit {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it: `SIGKILL`.
    pub(crate) signal: Option<String>,
}

/// What to start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The program and its arguments.
    pub(crate) argv: Vec<OsString>,
    pub(crate) directory: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    /// More variables, with their value, or without one if the program must not have them. They win over `env`.
    pub(crate) variables: Vec<(OsString, Option<OsString>)>,
    /// Columns and rows if it runs in a PTY.
    pub(crate) size: Option<(u16, u16)>,
    /// Whether anybody can give it input. With pipes its input is at its end from the start otherwise.
    pub(crate) input: bool,
}
