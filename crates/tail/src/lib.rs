//! The client behind `loopwire tail`: the events of a running listener, with reconnect and resume.
//!
//! It imports nothing of ours on purpose: it speaks to a listener over the wire alone, as any other client does.
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

pub use queue::Batch;
pub use tail::{StartError, Tail};
pub use target::{Target, Trusted};
pub use trust::TrustError;
