//! The workspace engine: a directory that clients drive over the channel. Terminals and file transfer.

mod options;
mod workspace;

pub use options::{Options, Watch};
pub use workspace::{OpenError, Workspace};
