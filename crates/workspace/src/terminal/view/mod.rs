//! The readers of a terminal's output: connections and the application.

mod reader;
mod replayed;
mod source;

pub use reader::Reader;
pub(super) use replayed::{Replayed, StreamNumbers};
pub(super) use source::TerminalFrames;
