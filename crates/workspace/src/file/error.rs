//! Why a transfer is refused.

use loopwire_channel::CommandError;

pub(super) fn bad(message: &str) -> CommandError {
    CommandError::new("BAD_MESSAGE", message)
}

pub(super) fn too_large(max_bytes: u64) -> CommandError {
    let message = format!("the file has more than {max_bytes} bytes (option maxFileBytes)");
    CommandError::new("FILE_TOO_LARGE", message)
}

/// The size does not fit into memory.
pub(super) fn no_memory() -> CommandError {
    CommandError::new(
        "FILE_TOO_LARGE",
        "there is not enough memory for a file of this size",
    )
}

pub(super) fn out_of_range() -> CommandError {
    CommandError::new("OUT_OF_RANGE", "the offset is beyond the end of the file")
}

pub(super) fn changed() -> CommandError {
    CommandError::new("FILE_CHANGED", "the file became shorter while it was read")
}

/// A file was written in place, and that failed when its contents were no longer the old ones.
pub(super) fn torn(why: &CommandError) -> CommandError {
    let message = format!(
        "the file could only be written in place, and that failed halfway: {}; it may hold a part of the new \
         contents and a part of the old ones, so write it again",
        why.message
    );
    CommandError {
        cause: why.cause.clone(),
        path: why.path.clone(),
        ..CommandError::new("FILE_TORN", message)
    }
}

pub(super) fn closed() -> CommandError {
    CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
}

pub(super) fn cancelled() -> CommandError {
    CommandError::new("CANCELLED", "the operation was cancelled")
}
