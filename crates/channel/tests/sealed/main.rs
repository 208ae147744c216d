//! Connections over TLS once they are WebSockets: what engines and events send through them, records that no
//! library would send, and certificates of other tools. (Handshakes and the guard are in `tls`.)
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say where"
)]

mod certificates;
mod endings;
mod hosts;
mod house;
mod memory;
mod porter;
#[path = "../support/process.rs"]
mod process;
mod records;
mod sealer;
mod streams;
mod talk;
