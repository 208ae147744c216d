//! The system's table of processes.

#[cfg(not(target_os = "linux"))]
mod absent;
#[cfg(target_os = "linux")]
mod list;
#[cfg(target_os = "linux")]
mod tracked;

#[cfg(not(target_os = "linux"))]
pub(super) use absent::ProcessTable;
#[cfg(target_os = "linux")]
pub(super) use list::{ProcessTable, State};
