//! The clients behind the command line: the events of a running listener, with reconnect and resume, and a WebSocket for
//! the client in JavaScript.
//!
//! It uses the channel's crate nowhere on purpose: it talks to a listener over the protocol alone, like any other
//! client.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod dial;
mod end;
mod fingerprint;
mod queue;
mod socket;
mod tail;
mod target;
mod trust;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use socket::{Socket, SocketEvent};
pub use tail::{Batch, Beginning, Tail};
pub use target::{Target, Trusted};
pub use trust::{StartError, TrustError};
