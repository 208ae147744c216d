//! Windows: a command is in a job, which ends all of it, and which the system closes with this process.

mod console;
mod create;
mod environment;
mod guardian;
mod job;
mod pipe;
mod reaper;
mod session;
mod shell;
mod signal;
mod spawn;
mod stream;
mod text;
mod wait;

pub(crate) use console::Pty;
pub(crate) use guardian::Guardian;
pub(crate) use reaper::Reaper;
pub(crate) use session::SessionId;
pub(crate) use shell::argv;
pub(crate) use signal::{Signal, named as signal_named, names as signal_names};
pub(crate) use spawn::{reason, start};
pub(crate) use stream::StreamEnd;
