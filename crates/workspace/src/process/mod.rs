//! Processes: how a command is started in a session of its own, and how all of the session is ended.

mod child;
mod descriptors;
mod escaped;
mod guardian;
mod id;
mod program;
mod pty;
mod reaper;
mod session;
mod shapes;
mod shell;
mod signal;
mod spawn;
mod table;
mod tracking;

pub(crate) use descriptors::async_fd;
pub(crate) use guardian::Guardian;
pub(crate) use id::SessionId;
pub(crate) use program::{ProgramInput, ProgramOutput, RunningProgram};
pub(crate) use pty::{end_of_file, resize};
pub(crate) use reaper::Reaper;
pub(crate) use shapes::{Program, ProgramExit};
pub(crate) use shell::argv;
pub(crate) use signal::{name as signal_name, named as signal_named, names as signal_names};
pub(crate) use spawn::{Ends, Plan, Started, start};
