//! The clock engine: it ticks, and tells how often it has ticked.

mod clock;
mod spec;
mod stopped;

pub use clock::Clock;
pub use spec::SPEC;
pub use stopped::Stopped;
