//! Silent connections and filters over real sockets: which events a client gets, and in which order.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod client;
mod engine;
mod filters;
mod limit;
mod order;
mod own;
#[path = "../support/mod.rs"]
mod support;
