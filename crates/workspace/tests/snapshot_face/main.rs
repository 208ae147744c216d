//! The snapshots of a workspace as clients and the application use them: lists, differences, deletion, limits, events.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod clients;
mod diffs;
mod removal;
mod store;
#[path = "../support/mod.rs"]
mod support;
