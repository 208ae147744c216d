//! Processes: how a command is started in a session of its own, and how all of the session is ended.

mod descriptors;
mod environment;
mod escaped;
mod guardian;
mod id;
#[allow(dead_code, reason = "git and snapshots will run programs")]
mod program;
mod pty;
mod reaper;
mod session;
mod shell;
mod signal;
mod spawn;
mod table;
mod tracking;

pub(crate) use descriptors::async_fd;
pub(crate) use guardian::Guardian;
pub(crate) use id::SessionId;
#[allow(unused_imports, reason = "as above")]
pub(crate) use program::{
    Program, ProgramEnd, ProgramExit, ProgramInput, ProgramOutput, RunningProgram,
};
pub(crate) use pty::resize;
pub(crate) use reaper::Reaper;
pub(crate) use shell::argv;
pub(crate) use signal::{name as signal_name, named as signal_named, names as signal_names};
pub(crate) use spawn::{Ends, Plan, Started, start};
