//! Terminals over real connections, with real processes.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod abuse;
mod attach;
mod endings;
mod flow;
mod guardian;
mod input;
mod many;
mod output;
#[path = "../support/mod.rs"]
mod support;
