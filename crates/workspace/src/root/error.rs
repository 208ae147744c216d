//! How errors of the file system are told to a client.

use std::io::{self, ErrorKind};

use loopwire_channel::{Cause, CommandError};

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
    told(error).because(Cause::of(error))
}

fn told(error: &io::Error) -> CommandError {
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
        _ if is_in_use(error) => CommandError::new(
            "NOT_PERMITTED",
            "another program has the file open and does not let others use it",
        ),
        _ if is_loop(error) => invalid("too many symbolic links"),
        _ if is_out_of_descriptors(error) => CommandError::new(
            "TOO_MANY_OPEN_FILES",
            "the application has no file descriptor left: try again when it has closed some, or raise its limit \
             (ulimit -n)",
        ),
        _ => failed(error),
    }
}

/// The refusal for an error of reading or writing a file that is open: that says nothing about the path.
pub(crate) fn contents_refusal(error: &io::Error) -> CommandError {
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::NotFound => failed(error).because(Cause::of(error)),
        _ => refusal(error),
    }
}

fn failed(error: &io::Error) -> CommandError {
    let message = format!("the file system failed ({})", error.kind());
    CommandError::new("IO_ERROR", message)
}

/// Whether the error says that there is nothing, or nothing that this process may reach. Any other one says that the
/// system could not look.
pub(super) fn is_missing(error: &io::Error) -> bool {
    use ErrorKind::{InvalidFilename, NotADirectory, NotFound, PermissionDenied};
    let missing = [NotFound, NotADirectory, PermissionDenied, InvalidFilename];
    missing.contains(&error.kind()) || is_loop(error)
}

/// `EMFILE` and `ENFILE`, which have no `ErrorKind`.
pub(crate) fn is_out_of_descriptors(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let errno = Errno::from_io_error(error);
        matches!(errno, Some(Errno::MFILE | Errno::NFILE))
    }
    // ERROR_TOO_MANY_OPEN_FILES.
    #[cfg(not(unix))]
    return error.raw_os_error() == Some(4);
}

/// Windows alone: another program has the file open, or a part of it locked, and shares it with nobody, or not with who wants
/// to do this (`ERROR_SHARING_VIOLATION`, `ERROR_LOCK_VIOLATION`, `ERROR_USER_MAPPED_FILE`).
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33 | 1224))
}

/// `ELOOP`, whose `ErrorKind` is not stable yet.
fn is_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP);
    #[cfg(not(unix))]
    return error.raw_os_error().is_none() && error.to_string().contains("symbolic link");
}
