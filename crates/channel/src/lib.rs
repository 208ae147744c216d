//! The event channel: one bounded journal, and the listener and connections that read it.

mod event;
mod hold;
mod journal;
pub mod json;
mod segment;
mod wake;

#[cfg(test)]
mod journal_doze;
#[cfg(test)]
mod journal_model;
#[cfg(test)]
mod journal_steps;
#[cfg(test)]
mod journal_threads;

pub use event::{Event, MAX_EVENT_BYTES, Topic, Topics};
pub use journal::{Bounds, Journal, PublishError, Published, Read, Ring};
pub use segment::{Record, Segment};
