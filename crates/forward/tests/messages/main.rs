//! HTTP messages as clients and servers really write them.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod answers;
mod bodies;
mod interim;
mod requests;
#[path = "../support/mod.rs"]
mod support;
