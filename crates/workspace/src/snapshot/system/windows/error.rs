//! What the numbers of errors mean. Several numbers have one meaning.

use std::io::{self, ErrorKind};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS, ERROR_BAD_PATHNAME, ERROR_BUSY,
    ERROR_CANT_RESOLVE_FILENAME, ERROR_DIR_NOT_EMPTY, ERROR_DIRECTORY,
    ERROR_DIRECTORY_NOT_SUPPORTED, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED, ERROR_FILE_EXISTS,
    ERROR_FILE_NOT_FOUND, ERROR_FILENAME_EXCED_RANGE, ERROR_GEN_FAILURE, ERROR_HANDLE_DISK_FULL,
    ERROR_INVALID_NAME, ERROR_INVALID_PARAMETER, ERROR_LOCK_VIOLATION, ERROR_NO_SYSTEM_RESOURCES,
    ERROR_NOT_A_REPARSE_POINT, ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_SAME_DEVICE, ERROR_OUTOFMEMORY,
    ERROR_PATH_NOT_FOUND, ERROR_PRIVILEGE_NOT_HELD, ERROR_SHARING_VIOLATION,
    ERROR_STOPPED_ON_SYMLINK, ERROR_TOO_MANY_OPEN_FILES, ERROR_USER_MAPPED_FILE,
};

use crate::snapshot::system::refused::{Refused, Why};

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(code) => Self::new(why(code.cast_unsigned()), code),
            // The standard library's own errors.
            None => Self::of(match error.kind() {
                ErrorKind::NotFound => Why::Gone,
                ErrorKind::PermissionDenied => Why::Denied,
                ErrorKind::InvalidInput | ErrorKind::InvalidFilename => Why::Name,
                _ => Why::Other,
            }),
        }
    }
}

const fn why(code: u32) -> Why {
    match code {
        ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND => Why::Gone,
        ERROR_ACCESS_DENIED => Why::Denied,
        ERROR_DIRECTORY => Why::NotDirectory,
        ERROR_DIRECTORY_NOT_SUPPORTED => Why::IsDirectory,
        ERROR_STOPPED_ON_SYMLINK | ERROR_CANT_RESOLVE_FILENAME => Why::Link,
        ERROR_NOT_A_REPARSE_POINT | ERROR_INVALID_PARAMETER => Why::Invalid,
        ERROR_FILE_EXISTS | ERROR_ALREADY_EXISTS => Why::Exists,
        ERROR_DIR_NOT_EMPTY => Why::NotEmpty,
        ERROR_BUSY => Why::Busy,
        ERROR_NOT_SAME_DEVICE => Why::OtherDisk,
        ERROR_DISK_FULL | ERROR_HANDLE_DISK_FULL | ERROR_DISK_QUOTA_EXCEEDED => Why::Full,
        ERROR_TOO_MANY_OPEN_FILES
        | ERROR_NOT_ENOUGH_MEMORY
        | ERROR_OUTOFMEMORY
        | ERROR_NO_SYSTEM_RESOURCES => Why::Exhausted,
        ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION | ERROR_USER_MAPPED_FILE => Why::InUse,
        ERROR_INVALID_NAME | ERROR_BAD_PATHNAME | ERROR_FILENAME_EXCED_RANGE => Why::Name,
        ERROR_PRIVILEGE_NOT_HELD => Why::NoLinks,
        _ => Why::Other,
    }
}

/// The number of the system's error of this meaning.
pub(crate) const fn code(why: Why) -> i32 {
    let code = match why {
        Why::Gone => ERROR_FILE_NOT_FOUND,
        Why::Denied => ERROR_ACCESS_DENIED,
        Why::NotDirectory => ERROR_DIRECTORY,
        Why::IsDirectory => ERROR_DIRECTORY_NOT_SUPPORTED,
        Why::Link => ERROR_STOPPED_ON_SYMLINK,
        Why::Invalid => ERROR_NOT_A_REPARSE_POINT,
        Why::Exists => ERROR_ALREADY_EXISTS,
        Why::NotEmpty => ERROR_DIR_NOT_EMPTY,
        Why::Busy => ERROR_BUSY,
        Why::OtherDisk => ERROR_NOT_SAME_DEVICE,
        Why::Full => ERROR_DISK_FULL,
        Why::Exhausted => ERROR_TOO_MANY_OPEN_FILES,
        Why::InUse => ERROR_SHARING_VIOLATION,
        Why::Name => ERROR_INVALID_NAME,
        Why::NoLinks => ERROR_PRIVILEGE_NOT_HELD,
        Why::Other => ERROR_GEN_FAILURE,
    };
    code.cast_signed()
}
