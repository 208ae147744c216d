//! macOS and Windows: the system watches a whole tree, through `notify`. What nobody wants to hear of is left out here.

mod beneath;
mod native;
mod waker;

pub(crate) use beneath::{OpenDir, RootDir, is_gone};
pub(crate) use native::{System, system_limit};
pub(crate) use waker::Waker;
