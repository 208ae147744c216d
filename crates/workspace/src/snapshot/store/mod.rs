//! The store: the private repository of one workspace, where it is, and who may use it when.

mod git;
mod homes;
mod input;
mod output;
mod place;
mod references;
mod repository;
mod sweep;
mod turns;

pub(super) use output::read_all;
pub(super) use repository::Store;
pub(super) use turns::Turn;
