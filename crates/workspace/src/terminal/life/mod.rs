//! The life of a command: its output is read, its input written, it is ended and waited for.

mod feed;
mod reap;
mod run;

pub(super) use reap::kill;
pub(super) use run::{begin, run};
