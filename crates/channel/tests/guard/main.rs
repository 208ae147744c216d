//! The guard and the accept loop over real sockets: each test fails if its protection is removed.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod bodies;
mod descriptors;
mod handshakes;
mod hosts;
mod local_api;
mod origins;
mod routes;
mod server;
mod slow_clients;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
