//! What several commands are refused for.

use loopwire_channel::CommandError;

pub(super) fn closed() -> CommandError {
    CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
}

pub(super) fn ended_early() -> CommandError {
    CommandError::new("GONE", "the watch was ended before it had begun")
}
