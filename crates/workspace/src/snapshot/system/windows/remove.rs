//! Removes what is in a directory: itself, also if it is read-only or a link.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use windows_sys::Win32::Foundation::{
    ERROR_CALL_NOT_IMPLEMENTED, ERROR_INVALID_FUNCTION, ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_DISPOSITION_FLAG_DELETE, FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE,
    FILE_DISPOSITION_FLAG_POSIX_SEMANTICS, FILE_DISPOSITION_INFO, FILE_DISPOSITION_INFO_EX,
    FILE_READ_ATTRIBUTES, FILE_WRITE_ATTRIBUTES, FileDispositionInfo, FileDispositionInfoEx,
    SetFileInformationByHandle,
};

use super::facts;
use super::kind::FileType;
use super::open::{Opened, open_itself};
use super::patience::while_in_use;
use crate::snapshot::system::refused::{Refused, Result, Why};

pub(crate) fn remove_file(opened: &Opened, name: &[u8]) -> Result<()> {
    remove(&opened.child(name)?, Some(opened), false)
}

/// Removes a directory with nothing in it.
pub(crate) fn remove_directory(opened: &Opened, name: &[u8]) -> Result<()> {
    remove(&opened.child(name)?, Some(opened), true)
}

/// Removes what has this path, if it is in that directory. A junction is no directory: what it leads to is not looked at.
pub(super) fn remove(path: &Path, within: Option<&Opened>, directory: bool) -> Result<()> {
    while_in_use(|| {
        let file = open_itself(path, DELETE | FILE_READ_ATTRIBUTES)?;
        if let Some(within) = within
            && !within.is_child(&file, None)?
        {
            return Err(Refused::of(Why::Link));
        }
        let is_directory = facts::stamp(&file)?.file_type() == FileType::Directory;
        match (is_directory, directory) {
            (true, false) => Err(Refused::of(Why::IsDirectory)),
            (false, true) => Err(Refused::of(Why::NotDirectory)),
            _ => Ok(dispose(&file, path)?),
        }
    })
}

/// Removes what is open. Since Windows 10 version 1809 its name is free at once, whoever has it open.
#[expect(unsafe_code, reason = "calls of the system with what lives here")]
fn dispose(file: &File, path: &Path) -> io::Result<()> {
    let gone = FILE_DISPOSITION_INFO_EX {
        Flags: FILE_DISPOSITION_FLAG_DELETE
            | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS
            | FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE,
    };
    // SAFETY: the handle is open, and the system reads what it is given.
    let done = facts::checked(unsafe {
        SetFileInformationByHandle(
            file.as_raw_handle(),
            FileDispositionInfoEx,
            (&raw const gone).cast(),
            size_of::<FILE_DISPOSITION_INFO_EX>() as u32,
        )
    });
    match done {
        Err(error) if is_unknown(&error) => {}
        done => return done,
    }
    let protected = match file.metadata()?.permissions().readonly() {
        true => Some(open_itself(
            path,
            FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
        )?),
        false => None,
    };
    if let Some(protected) = &protected {
        facts::set_read_only(protected, false)?;
    }
    let gone = FILE_DISPOSITION_INFO { DeleteFile: true };
    // SAFETY: as above.
    let done = facts::checked(unsafe {
        SetFileInformationByHandle(
            file.as_raw_handle(),
            FileDispositionInfo,
            (&raw const gone).cast(),
            size_of::<FILE_DISPOSITION_INFO>() as u32,
        )
    });
    if let Some(protected) = protected {
        // It may have other names. It is told why it could not be removed.
        let _ = facts::set_read_only(&protected, true);
    }
    done
}

/// Whether the system, or the file system, does not know what was asked for.
pub(super) fn is_unknown(error: &io::Error) -> bool {
    let code = error.raw_os_error().map(i32::cast_unsigned);
    matches!(
        code,
        Some(
            ERROR_INVALID_PARAMETER
                | ERROR_INVALID_FUNCTION
                | ERROR_NOT_SUPPORTED
                | ERROR_CALL_NOT_IMPLEMENTED
        )
    )
}
