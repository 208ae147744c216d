//! The readers of a terminal's output: connections and the application.

mod reader;
mod source;

pub use reader::Reader;
pub(super) use source::TerminalFrames;
