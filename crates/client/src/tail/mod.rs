//! Follows the events of a listener, with reconnect and resume.

mod backoff;
mod batch;
mod beginning;
mod line;
mod position;
mod run;
mod tail;

pub use batch::Batch;
pub use beginning::Beginning;
pub use tail::Tail;
