//! The runtime behind a handle, and how a call waits for it.

mod configure;
mod emit;
mod handle;
mod latch;
mod lifetime;
mod run;
mod scratch;
mod wait;

pub(crate) use handle::{LoopwireRuntime, runtime};
pub(crate) use lifetime::loopwire_runtime_shutdown;
pub(crate) use run::loopwire_runtime_run;
