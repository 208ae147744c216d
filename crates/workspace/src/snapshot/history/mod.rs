//! The history: which snapshots there are, what differs between them, and how they are removed.

mod clean;
mod collect;
mod delete;
mod diff;
mod entry;
mod garbage;
mod list;
mod modes;
mod raw;
mod sizes;

pub(super) use clean::clean;
pub(super) use collect::{collect, packs};
pub(super) use delete::{delete, hash};
pub(super) use diff::diff;
pub(super) use garbage::Garbage;
pub(super) use list::list;
