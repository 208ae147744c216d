//! A command that runs.

use super::system::{Pty, Reaper, StreamEnd};

/// A command that was started, and our ends of its streams.
pub(crate) struct Started {
    /// What waits for its end. The leader is in it before anybody could drop what has started.
    pub(crate) reaper: Reaper,
    pub(crate) ends: Ends,
}

/// Our ends of a command's streams. They are registered with the event loop before the command starts: one that
/// cannot be served is not started.
#[derive(Debug)]
pub(crate) enum Ends {
    Pipes {
        /// `None` if the command's input is at its end from the start.
        stdin: Option<StreamEnd>,
        stdout: StreamEnd,
        stderr: StreamEnd,
    },
    Pty(Pty),
}
