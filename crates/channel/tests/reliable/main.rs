//! Reliable messages over real sockets: each has its effect once, in order, however often a client connects.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod client;
mod engine;
mod fixtures;
mod handshake;
mod messages;
mod overlap;
#[path = "../support/mod.rs"]
mod support;
