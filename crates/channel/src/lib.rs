//! The event channel: one bounded journal, and the listener and connections that read it.

mod event;
pub mod json;

pub use event::{Event, MAX_EVENT_BYTES, Topic, Topics};
