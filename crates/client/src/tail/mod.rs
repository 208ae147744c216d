//! Follows the events of a listener, with reconnect and resume.

mod backoff;
mod beginning;
mod line;
mod position;
mod queue;
mod run;
mod tail;

pub use beginning::Beginning;
pub use queue::Batch;
pub use tail::Tail;
