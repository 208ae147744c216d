//! The exports of the workspace engine.

mod git;
mod snapshot_shapes;
mod snapshots;
mod terminal;
mod watch;
mod workspace;
