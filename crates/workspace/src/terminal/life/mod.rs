//! The life of a command that was started: read, fed, ended, waited for.

mod feed;
mod reap;
mod run;

pub(super) use reap::Reaper;
pub(super) use run::{begin, run};
