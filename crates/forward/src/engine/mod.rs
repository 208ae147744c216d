//! The engine and its calls.

mod access;
mod create;
mod handle;
mod persist;
mod ports;
mod source;
mod stats;
mod submit;
mod timing;

pub use create::{Through, Wanted};
pub use handle::Engine;
pub use stats::{PortInfo, Stats, UpstreamInfo};
