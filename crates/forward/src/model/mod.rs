//! What every part of the engine uses: targets, failures, events. It imports no other room.

mod counters;
mod detail;
mod dial_error;
mod error;
pub(crate) mod events;
mod failure;
mod flaw;
mod local_error;
mod range;
mod refusal;
pub(crate) mod socks5;
mod target;

pub(crate) use counters::{Connections, Counters, OpenConnection};
pub use detail::{CODE, Detail};
pub(crate) use dial_error::DialError;
pub use error::ForwardError;
pub(crate) use failure::{Failure, Verdict};
pub(crate) use flaw::Flaw;
pub(crate) use local_error::{LocalError, has_route};
pub(crate) use range::Range;
pub(crate) use refusal::Refusal;
pub use target::{Host, Target};
