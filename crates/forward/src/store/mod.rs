//! The saved data: which ports are forwarded, kept in memory and, by a writer of its own, in a file.
//!
//! `lock` sees to it that one process alone uses a directory, `file` reads and replaces what is in it, `entry` is
//! the form of it, `writer` brings the newest state to the disk. Calls change the memory and wake the writer; only
//! who awaits [`Store::saved`] waits for a disk.

mod entry;
mod error;
mod file;
mod handle;
mod lock;
mod permissions;
mod state;
mod writer;

pub(crate) use entry::Saved;
pub(crate) use handle::Store;
