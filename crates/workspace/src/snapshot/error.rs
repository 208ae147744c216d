//! Why an operation on snapshots is refused, or failed.

use std::io;
use std::path::Path;

use loopwire_channel::{Cause, CommandError};

use crate::root::refusal;

pub(super) fn closed() -> CommandError {
    CommandError::new("NO_WORKSPACE", "the application has closed the workspace")
}

pub(super) fn cancelled() -> CommandError {
    CommandError::new("CANCELLED", "the operation was cancelled")
}

pub(super) fn busy(what: &str) -> CommandError {
    CommandError::new("BUSY", what)
}

pub(super) fn git_not_found(what: &str) -> CommandError {
    let message = format!("{what}; snapshots need git 2.30 or newer in PATH");
    CommandError::new("GIT_NOT_FOUND", message)
}

pub(super) fn not_found(commit_hash: &str) -> CommandError {
    let message =
        format!("there is no snapshot {commit_hash}; snapshot:list tells which there are");
    CommandError::new("SNAPSHOT_NOT_FOUND", message)
}

/// The store cannot be used, or git failed in it.
pub(super) fn store_failed(what: &str) -> CommandError {
    CommandError::new("SNAPSHOT_FAILED", what)
}

/// The system failed at this file or directory of the store. Only the application is told where that is.
pub(super) fn store_error(what: &str, place: &Path, error: &io::Error) -> CommandError {
    io_error(what, error).at(place.to_string_lossy())
}

/// The system failed at what has no path.
pub(super) fn io_error(what: &str, error: &io::Error) -> CommandError {
    let told = refusal(error);
    match told.code.as_ref() {
        "NO_SPACE" => no_space().because(Cause::of(error)),
        "TOO_MANY_OPEN_FILES" => told,
        _ => store_failed(&format!("{what}: {}", told.message)).because(Cause::of(error)),
    }
}

pub(super) fn no_space() -> CommandError {
    CommandError::new("NO_SPACE", "there is no space left for the snapshot")
}

pub(super) fn refused(why: &str) -> CommandError {
    CommandError::new("ROOT_REFUSED", why)
}
