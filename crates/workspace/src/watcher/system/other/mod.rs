//! macOS and Windows: the system watches a whole tree. What nobody wants to hear of is left out here.

mod beneath;
#[cfg(windows)]
mod changes;
#[cfg(not(windows))]
mod native;
#[cfg(not(windows))]
mod spelled;
mod waiting;
mod waker;

pub(crate) use beneath::{OpenDir, RootDir, is_gone};
#[cfg(windows)]
pub(crate) use changes::{System, system_limit};
#[cfg(not(windows))]
pub(crate) use native::{System, system_limit};
pub(crate) use waker::Waker;
