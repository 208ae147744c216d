//! TLS over real sockets: certificates and keys, handshakes that fail, records that no library would send, and
//! connections after the upgrade.
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap shows where the test failed"
)]

mod certificates;
mod closing;
mod connection_memory;
mod contract;
mod floods;
mod handshake_memory;
mod handshakes;
mod load;
mod messages;
mod names;
mod origins;
mod records;
mod setup;
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod tool_certificates;
