//! Requests to forward ports: their jobs and turns, the upstreams they try, and the results.

mod batch;
mod clock;
mod edits;
mod job;
mod kept;
mod kind;
mod lane;
mod outcome;
mod picker;
mod queue;
mod replace;
mod restore;
mod schedule;
mod state;

pub(crate) use batch::{Batch, Results};
pub(crate) use clock::start as start_clock;
pub(crate) use edits::watch_edits;
pub(crate) use job::Job;
pub(crate) use kind::{JobKind, UpstreamChoice};
pub(crate) use lane::Lane;
pub use outcome::Forwarded;
pub(crate) use outcome::saved;
pub(crate) use picker::Picker;
pub(crate) use queue::provider_filter;
pub(crate) use restore::restore;
pub(crate) use schedule::Schedule;
pub(crate) use state::EngineState;
