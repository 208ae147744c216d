//! TLS over real sockets: certificates, handshakes that go wrong, and a stream that loses nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say where"
)]

mod certificates;
mod handshakes;
mod house;
mod memory;
mod names;
#[path = "../support/process.rs"]
mod process;
mod stream;
