//! How errors of the file system are told to a client.

use std::io::{self, ErrorKind};

use loopwire_channel::CommandError;

/// Whether the error is cap-std's own one for a path that leads out of the directory: no system call failed.
pub(super) fn is_escape(error: &io::Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

pub(super) fn outside() -> CommandError {
    CommandError::new("PATH_OUTSIDE", "the path leads out of the workspace")
}

pub(super) fn invalid(message: &str) -> CommandError {
    CommandError::new("PATH_INVALID", message)
}

pub(crate) fn not_a_file() -> CommandError {
    CommandError::new("NOT_A_FILE", "the path does not lead to a file")
}

/// The refusal for an error. It never contains the system's own text, which may name paths outside of the root.
pub(crate) fn refusal(error: &io::Error) -> CommandError {
    if is_escape(error) {
        return outside();
    }
    match error.kind() {
        ErrorKind::NotFound => CommandError::new("NOT_FOUND", "there is no such file or directory"),
        ErrorKind::NotADirectory => CommandError::new(
            "NOT_A_DIRECTORY",
            "a component of the path is not a directory",
        ),
        ErrorKind::IsADirectory => not_a_file(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            CommandError::new("NOT_PERMITTED", "the system denies permission")
        }
        ErrorKind::InvalidFilename => invalid("a name in the path is too long or invalid"),
        ErrorKind::InvalidInput => invalid("the system refuses this path"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            CommandError::new("NO_SPACE", "there is no space left for the file")
        }
        ErrorKind::FileTooLarge => {
            CommandError::new("FILE_TOO_LARGE", "the file is too large for the system")
        }
        _ if is_loop(error) => invalid("too many symbolic links"),
        _ => CommandError::new(
            "IO_ERROR",
            format!("the file system failed ({})", error.kind()),
        ),
    }
}

/// `ELOOP`, whose `ErrorKind` is not stable yet.
fn is_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP);
    #[cfg(not(unix))]
    return error.raw_os_error().is_none() && error.to_string().contains("symbolic link");
}
