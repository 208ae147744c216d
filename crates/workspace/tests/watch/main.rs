//! Watching over real sockets: who hears of which change, and what a watch costs and leaves.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod application;
mod borders;
mod bytes;
mod ends;
mod hearing;
mod narrowing;
mod places;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
