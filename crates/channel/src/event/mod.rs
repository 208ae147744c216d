//! Events: their topics, their kinds, and their JSON.

mod event;
pub mod json;
mod kind;
mod surrogates;
mod topic;

pub use event::{Event, MAX_EVENT_BYTES};
pub use kind::{EventForm, Kind, KindSpec};
pub use topic::{Audience, MAX_ENGINE_TOPICS, Topic, Topics};
