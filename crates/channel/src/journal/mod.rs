//! The journal: the one bounded log of events, in memory, and how its readers are woken.

mod bounds;
mod contents;
mod entry;
mod gathering;
mod hurry;
mod journal;
mod park;
mod publish;
mod published;
mod retention;
mod run;
mod segment;
mod sinks;
mod waiting;

#[cfg(test)]
mod tests;

pub use bounds::Bounds;
pub use contents::Read;
pub use hurry::Hurry;
pub use journal::Journal;
pub use published::{PublishError, Published};
pub use run::Record;
pub use segment::Run;
pub use sinks::SinkWaker;

pub(crate) use gathering::{Gathering, rest};
pub(crate) use park::ParkFlag;
pub(crate) use retention::RetentionPin;
pub(crate) use segment::SEGMENT_BYTES;
