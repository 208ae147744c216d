//! The system's table of processes.

#[cfg(not(target_os = "linux"))]
mod asked;
#[cfg(target_os = "linux")]
mod list;
mod members;
mod state;
#[cfg(target_os = "linux")]
mod tracked;

#[cfg(not(target_os = "linux"))]
pub(super) use asked::ProcessTable;
#[cfg(target_os = "linux")]
pub(super) use list::ProcessTable;
pub(super) use state::State;
