//! Snapshots: what they hold, what they leave alone, what a crash leaves, and how clients and the application use them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod clients;
mod damage;
mod diffs;
mod full;
mod isolation;
mod kills;
mod removal;
mod restoring;
mod shapes;
mod taking;
mod tree;
