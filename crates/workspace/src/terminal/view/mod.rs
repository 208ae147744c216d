//! Who views a terminal's output: a connection, or the application itself.

mod reader;
mod source;

pub use reader::Reader;
pub(super) use source::TerminalFrames;
