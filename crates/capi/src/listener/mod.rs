//! Listeners.

mod calls;
mod control;
mod handle;
mod report;

pub(crate) use control::loopwire_listeners_close;
pub(crate) use handle::start;
