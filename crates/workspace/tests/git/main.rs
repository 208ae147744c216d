//! Git over real connections, with the user's git and real repositories.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod basics;
mod config;
mod endings;
mod failures;
mod fixture;
mod host;
mod hostile;
mod inside;
mod order;
mod servers;
#[path = "../support/mod.rs"]
mod support;
