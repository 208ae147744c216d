//! The engine and its calls.

mod access;
mod channel;
mod commands;
mod create;
mod handle;
mod metrics;
mod persist;
mod ports;
mod provider;
mod spec;
mod stats;
mod submit;
mod timing;

pub use channel::NotStarted;
pub use create::{Through, Wanted};
pub use handle::Engine;
pub use spec::SPEC;
pub use stats::{PortInfo, Stats, UpstreamInfo};
