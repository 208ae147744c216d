//! The workspace engine: a directory that clients drive over the channel. Terminals and file transfer.

mod binary;
mod file;
mod options;
mod root;
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
