//! Processes: how a command is started in a session of its own, and how all of the session is ended.

mod descriptors;
mod guardian;
mod id;
mod pty;
mod session;
mod signal;
mod spawn;

pub(super) use descriptors::async_fd;
pub(super) use guardian::Guardian;
pub(super) use id::SessionId;
pub(super) use pty::resize;
pub(super) use session::{end as end_session, kill as kill_sessions};
pub(super) use signal::{name as signal_name, named as signal_named, names as signal_names};
pub(super) use spawn::{Ends, Plan, Started, argv, start};
