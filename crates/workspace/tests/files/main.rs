//! File transfer over real sockets: what a client reads and writes, and what is left when it is cut off.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod endings;
mod held_back;
mod in_place;
mod keeping;
mod looking;
mod reads;
mod refusals;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
mod writes;
