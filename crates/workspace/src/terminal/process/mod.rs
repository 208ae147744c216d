//! Processes: how a command is started in a session of its own, and how all of the session is ended.

mod descriptors;
mod environment;
mod guardian;
mod id;
mod pty;
mod session;
mod shell;
mod signal;
mod spawn;
#[cfg(target_os = "linux")]
mod table;
#[cfg(not(target_os = "linux"))]
#[path = "table_absent.rs"]
mod table;

#[cfg(target_os = "linux")]
pub(super) use descriptors::async_fd;
pub(super) use guardian::{Guardian, Leader};
pub(super) use id::{ProcessId, SessionId};
pub(super) use pty::resize;
#[cfg(target_os = "linux")]
pub(super) use session::{adopts_orphans, reap_orphans};
pub(super) use session::{end as end_session, kill as kill_sessions};
pub(super) use shell::argv;
pub(super) use signal::{name as signal_name, named as signal_named, names as signal_names};
pub(super) use spawn::{Ends, Plan, Started, start};
pub(super) use table::ProcessTable;
