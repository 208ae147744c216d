//! What the watcher needs of the system: directories beneath the root, and news of what happens in them.

mod facts;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;
mod raw;
#[cfg(any(windows, test))]
mod records;

pub(super) use facts::{Facts, Kind};
#[cfg(target_os = "linux")]
pub(super) use linux::{OpenDir, RootDir, System, Waker, is_gone, system_limit};
#[cfg(not(target_os = "linux"))]
pub(super) use other::{OpenDir, RootDir, System, Waker, is_gone, system_limit};
pub(super) use raw::{Happening, RawEvent, Refusal};
