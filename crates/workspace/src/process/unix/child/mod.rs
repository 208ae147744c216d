//! What a process that we start gets of this one, and what it must not inherit.

mod environment;
mod reset;

pub(super) use environment::set as set_environment;
pub(super) use reset::{mask as reset_mask, signals as reset_signals};
