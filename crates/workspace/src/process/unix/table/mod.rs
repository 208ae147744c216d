//! The system's table of processes.

#[cfg(not(target_os = "linux"))]
mod asked;
#[cfg(target_os = "linux")]
mod list;
#[cfg(target_os = "linux")]
mod tracked;

#[cfg(not(target_os = "linux"))]
pub(super) use asked::{ProcessTable, State};
#[cfg(target_os = "linux")]
pub(super) use list::{ProcessTable, State};
