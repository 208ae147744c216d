//! The saved data: the forwarded ports, kept in memory and, by a writer task, in a file.
//!
//! `lock` allows only one process to use a directory, `file` reads and replaces the files in it, `entry` is their
//! format, `writer` writes the newest state. `handle` is the interface: calls change the memory and wake the writer;
//! only [`Store::saved`] waits for the disk.

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
