//! Snapshots: what they hold, what they leave alone, and what a crash leaves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod damage;
mod desk;
mod full;
mod isolation;
mod kills;
mod processes;
mod restoring;
mod shapes;
mod taking;
