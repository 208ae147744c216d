//! Requests: each ends with exactly one event, and with nothing that is not saved.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod endings;
mod saved;
#[path = "../support/mod.rs"]
mod support;
mod unusable;
