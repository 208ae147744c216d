//! The client behind `loopwire tail`: the events of a running listener, with reconnect and resume.
//!
//! It uses the channel's crate nowhere on purpose: it talks to a listener over the protocol alone, like any other
//! client.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod backoff;
mod dial;
mod end;
mod line;
mod position;
mod queue;
mod run;
mod tail;
mod target;
mod trust;
mod verifier;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use queue::Batch;
pub use tail::{StartError, Tail};
pub use target::{Target, Trusted};
pub use trust::TrustError;
