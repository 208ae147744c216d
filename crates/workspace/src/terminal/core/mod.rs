//! The core of a terminal: what its handle, its task and its readers share.

mod counted;
mod exit;
mod inner;
mod input;
mod reading;
mod state;

pub(super) use counted::CountedInput;
pub(super) use inner::TerminalInner;
pub(super) use input::{InputItem, MAX_INPUT_BYTES, cost};
pub(super) use state::TerminalState;
