//! A connection: what it writes, in which order, and how other parts send messages through it.

mod combining_lock;
mod connection;
mod cursor;
mod filter;
mod large;
mod parts;
mod peer;
mod render;
mod source;
mod writer;

pub use filter::{EventFilter, Filtered};
pub use peer::Peer;
pub use source::{FrameBuffer, FrameSource, SourceState};

pub(crate) use connection::{Connection, Properties};
pub(crate) use cursor::Cursor;
pub(crate) use render::Style;
pub(crate) use writer::{Need, Writer};
