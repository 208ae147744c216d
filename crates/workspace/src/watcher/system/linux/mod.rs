//! Linux: inotify, with one watch for each directory.

mod beneath;
mod directory;
mod inotify;
mod network;
mod waker;

pub(crate) use beneath::{RootDir, is_gone};
pub(crate) use directory::OpenDir;
pub(crate) use inotify::{System, system_limit};
pub(crate) use waker::Waker;
