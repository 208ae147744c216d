//! Why a transfer is refused.

use loopwire_channel::CommandError;

pub(super) fn bad(message: &str) -> CommandError {
    CommandError::new("BAD_MESSAGE", message)
}

pub(super) fn too_large(max_bytes: u64) -> CommandError {
    let message = format!("the file has more than {max_bytes} bytes (option maxFileBytes)");
    CommandError::new("FILE_TOO_LARGE", message)
}

pub(super) fn closed() -> CommandError {
    CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
}
