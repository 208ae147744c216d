//! The watcher: sees what changes beneath the root, and merges what belongs together. It knows no client, no command
//! and no event of the journal.

mod change;
mod core;
mod limits;
mod notices;
mod rules;
mod scope;
mod system;
#[cfg(test)]
mod tests;
mod thread;
mod tree;
mod watcher;

pub(crate) use change::{Change, ChangeKind, Notice};
pub(crate) use limits::WatcherLimits;
pub(crate) use notices::Notices;
pub(crate) use scope::{Ignore, Scope};
pub(crate) use watcher::{Covered, Watcher};
