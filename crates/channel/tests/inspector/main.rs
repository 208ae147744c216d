//! The inspector's page, and what the listener tells of itself for it, over real sockets.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod client;
mod connections;
mod figures;
mod origins;
mod page;
mod readers;
mod requests;
#[path = "../support/mod.rs"]
mod support;
