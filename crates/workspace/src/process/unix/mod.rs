//! Unix: a command has a session of its own, which the guardian ends if this process does not.

#[cfg(target_vendor = "apple")]
mod apple;
mod child;
mod descriptors;
mod escaped;
mod guardian;
mod id;
mod pty;
mod reaper;
mod session;
mod shell;
mod signal;
mod spawn;
mod stream;
mod table;
mod tracking;

pub(crate) use descriptors::{async_fd, without_sigpipe};
pub(crate) use guardian::Guardian;
pub(crate) use id::SessionId;
pub(crate) use pty::Pty;
pub(crate) use reaper::Reaper;
pub(crate) use rustix::process::Signal;
pub(crate) use shell::argv;
pub(crate) use signal::{named as signal_named, names as signal_names};
pub(crate) use spawn::{reason, start};
pub(crate) use stream::StreamEnd;
