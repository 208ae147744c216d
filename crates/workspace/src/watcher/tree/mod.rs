//! The tree in memory, and which of its names have to be looked at.

mod pending;
mod queue;
mod tree;

pub(super) use pending::{LONGEST, MAX_PENDING, Pending, SETTLE, WINDOW, When};
pub(super) use queue::{Due, Queue};
pub(super) use tree::{DirId, Entry, Name, Tree, directory_facts};
