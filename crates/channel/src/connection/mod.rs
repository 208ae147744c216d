//! A connection: what it writes, in which order, and how other parts send messages through it.

mod combining_lock;
mod connection;
mod cursor;
mod need;
mod outbox;
mod peer;
mod render;
mod source;
mod writer;

pub use peer::Peer;
pub use render::{EventFilter, Filtered};
pub use source::{FrameBuffer, FrameSource, SourceState};

pub(crate) use connection::{Connection, Properties};
pub(crate) use cursor::Cursor;
pub(crate) use need::Need;
pub(crate) use render::Style;
pub(crate) use writer::Writer;
