//! A sink: reads events, and what connections bring, and calls C with them from one thread of its own.

mod batch;
mod handover;
mod inside;
mod sink;
mod target;
mod waker;

pub(crate) use inside::{is_inside, outside};
pub(crate) use sink::{Sink, Unstarted};
pub(crate) use target::{
    LoopwireConnectionCallback, LoopwireEventCallback, LoopwireMessageCallback,
    LoopwireOriginCallback, Target,
};
