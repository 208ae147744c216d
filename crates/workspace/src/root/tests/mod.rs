//! Tests of the root: what stays inside is found, and nothing else, whoever swaps what meanwhile.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod fixture;
mod paths;
mod swaps;
