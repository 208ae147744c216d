//! A client's connection and the upstream's: how long one keeps the other.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod departures;
mod kept;
#[path = "../support/mod.rs"]
mod support;
