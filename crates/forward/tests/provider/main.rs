//! Providers: the answers of an API, and edits of a list.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod answers;
mod edits;
#[path = "../support/mod.rs"]
mod support;
