//! Processes: how a command is started so that nothing of it outlives it, and how all of it is ended.

#[cfg(any(windows, test))]
mod command_line;
mod environment;
mod program;
mod shapes;
mod started;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use program::{ProgramInput, ProgramOutput, RunningProgram};
pub(crate) use shapes::{Plan, Program, ProgramExit};
pub(crate) use started::{Ends, Started};
pub(crate) use system::{
    Guardian, Pty, Reaper, SessionId, Signal, StreamEnd, argv, reason, signal_named, signal_names,
    start,
};
#[cfg(unix)]
pub(crate) use system::{async_fd, without_sigpipe};
