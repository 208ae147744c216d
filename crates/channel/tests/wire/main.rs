//! RFC 6455 as a table: a real listener, a raw client, and the exact bytes that come back.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod case;
mod client;
mod closing;
mod codes;
mod echo;
mod exempt;
mod frames;
mod inbox;
mod limits;
mod lone;
mod memory;
mod rules;
#[path = "../support/mod.rs"]
mod support;
mod text;
