//! The workspace engine: a directory that clients drive over the channel. Terminals and file transfer.

mod file;
mod options;
mod root;
#[cfg(test)]
mod root_test;
mod shapes;
#[cfg(not(unix))]
#[path = "terminal_absent.rs"]
mod terminal;
#[cfg(unix)]
mod terminal;
mod workspace;

pub use file::{Done, Files};
pub use options::{Options, Watch};
pub use root::{Directory, Root};
pub use shapes::{Chunk, Exit, Source, Spawn};
pub use terminal::{Reader, Terminal, Terminals};
pub use workspace::{OpenError, Workspace};
