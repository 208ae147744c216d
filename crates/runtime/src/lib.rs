//! The composition root: tokio runtime, journal and engines of one environment.

mod runtime;

pub use runtime::{OpenListener, Runtime, RuntimeError, Settings};
