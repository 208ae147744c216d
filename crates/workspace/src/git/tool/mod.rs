//! The user's git: which one it is, what it gets to see, and how it is run.

mod environment;
mod invocation;
mod lines;
mod output;
mod tool;
mod version;

pub(super) use invocation::{Invocation, Setting};
pub(super) use output::Output;
pub(super) use tool::Tool;
