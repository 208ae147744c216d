//! The composition root: tokio runtime, journal and engines of one environment.

mod figures;
mod runtime;

pub use loopwire_forward::{Engine, ForwardError, Target};

pub use runtime::{OpenListener, Parts, Runtime, RuntimeError, Settings};
