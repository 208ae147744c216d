//! Rendering: which events a connection gets, and their frames.

mod batch;
mod filter;
mod frames;
mod held;
mod large;
mod parts;
mod selected;
mod selection;
mod tail;

pub use filter::{EventFilter, Filtered};

pub(crate) use batch::{Batch, Style};
pub(crate) use frames::BATCH_BYTES;
pub(crate) use large::LargeFrame;
pub(crate) use selection::Selection;
