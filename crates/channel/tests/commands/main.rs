//! Commands over real sockets: a client's command, the engine's work, and the one reply.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod answers;
mod closing;
mod fixtures;
mod limits;
mod server;
mod streams;
#[path = "../support/mod.rs"]
mod support;
