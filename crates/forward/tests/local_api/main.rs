//! The local HTTP API over real sockets, with a real engine and real upstreams behind it.
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod cross_site;
mod document;
mod endpoints;
mod server;
#[path = "../support/mod.rs"]
mod support;
