//! RFC 6455 as a table: a real listener, a raw client, and the exact bytes that come back.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say where"
)]

mod bounds;
mod case;
mod closing;
mod codes;
mod echo;
mod frames;
mod house;
mod memory;
#[path = "../support/process.rs"]
mod process;
mod rules;
mod text;
