//! The workspace engine: a directory that clients drive over the channel. Terminals and file transfer.

mod binary;
mod closed;
mod file;
mod options;
#[cfg(unix)]
mod process;
#[cfg(not(unix))]
#[path = "process_absent.rs"]
mod process;
mod root;
mod shapes;
mod spec;
#[cfg(not(unix))]
#[path = "terminal_absent.rs"]
mod terminal;
#[cfg(unix)]
mod terminal;
mod workspace;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use closed::Closed;
pub use file::{Done, Files};
pub use options::{Options, Watch};
pub use root::{Directory, Root};
pub use shapes::{Chunk, Exit, Source, Spawn};
pub use spec::SPEC;
pub use terminal::{Reader, Terminal, Terminals};
pub use workspace::{OpenError, Workspace};
