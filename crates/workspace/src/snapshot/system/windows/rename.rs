//! Moves a file to another directory.

use std::fs;
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::fs::MetadataExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use windows_sys::Wdk::Storage::FileSystem::{
    FILE_RENAME_IGNORE_READONLY_ATTRIBUTE, FILE_RENAME_POSIX_SEMANTICS,
    FILE_RENAME_REPLACE_IF_EXISTS,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_ATTRIBUTE_DIRECTORY, FILE_READ_ATTRIBUTES, FILE_RENAME_INFO,
    FILE_WRITE_ATTRIBUTES, FileRenameInfoEx, MoveFileExW, SetFileInformationByHandle,
};

use super::facts;
use super::open::{Opened, open_itself};
use super::patience::while_in_use;
use super::remove::{is_unknown, remove};
use crate::snapshot::system::refused::{Refused, Result, Why};

/// Moves a file. `over`: what has the new name is replaced; otherwise nothing may have it.
pub(crate) fn rename(from: &Opened, old: &str, to: &Opened, new: &[u8], over: bool) -> Result<()> {
    let (old, new) = (from.path().join(old), to.child(new)?);
    from.check()?;
    to.check()?;
    while_in_use(|| match over {
        true => replace(&old, &new),
        false => Ok(move_new(&old, &new)?),
    })
}

fn replace(old: &Path, new: &Path) -> Result<()> {
    let denied = match fs::rename(old, new).map_err(Refused::from) {
        Err(error) if error.why == Why::Denied => error,
        done => return done,
    };
    let there = fs::symlink_metadata(new)?;
    // A link to a directory is a kind of directory, which is not replaced.
    if there.is_symlink() && there.file_attributes() & FILE_ATTRIBUTE_DIRECTORY != 0 {
        remove(new, None, false)?;
        return Ok(move_new(old, new)?);
    }
    if !there.permissions().readonly() {
        // The system does not say here that somebody has it open.
        let refused = open_itself(new, DELETE).map_err(Refused::from).err();
        return Err(refused.unwrap_or(denied));
    }
    match replace_protected(old, new) {
        Err(error) if is_unknown(&error) => {}
        done => return Ok(done?),
    }
    let access = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES;
    facts::set_read_only(&open_itself(new, access)?, false)?;
    let done = fs::rename(old, new);
    if done.is_err()
        && let Ok(file) = open_itself(new, access)
    {
        // It is told why it could not be replaced.
        let _ = facts::set_read_only(&file, true);
    }
    Ok(done?)
}

/// Moves it over a file that is read-only, and that stays so by its other names. Since Windows 10 version 1809.
#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn replace_protected(old: &Path, new: &Path) -> io::Result<()> {
    let file = open_itself(old, DELETE)?;
    let name: Vec<u16> = new.as_os_str().encode_wide().collect();
    let name_bytes = size_of_val(name.as_slice());
    // The structure has room for one unit, which is the NUL at the end.
    let bytes = size_of::<FILE_RENAME_INFO>() + name_bytes;
    // As aligned as the structure, and 0.
    let mut memory = vec![0_usize; bytes.div_ceil(size_of::<usize>())];
    let info: *mut FILE_RENAME_INFO = memory.as_mut_ptr().cast();
    // SAFETY: the memory holds the structure and the name behind it, and lives until the call has ended. The handle is open.
    facts::checked(unsafe {
        (*info).Anonymous.Flags = FILE_RENAME_REPLACE_IF_EXISTS
            | FILE_RENAME_POSIX_SEMANTICS
            | FILE_RENAME_IGNORE_READONLY_ATTRIBUTE;
        (*info).FileNameLength = name_bytes as u32;
        let text: *mut u16 = (&raw mut (*info).FileName).cast();
        text.copy_from_nonoverlapping(name.as_ptr(), name.len());
        SetFileInformationByHandle(
            file.as_raw_handle(),
            FileRenameInfoEx,
            info.cast(),
            bytes as u32,
        )
    })
}

/// Moves it to where nothing is.
#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn move_new(old: &Path, new: &Path) -> io::Result<()> {
    let ended = |path: &Path| -> Vec<u16> { path.as_os_str().encode_wide().chain([0]).collect() };
    let (old, new) = (ended(old), ended(new));
    // SAFETY: both end with NUL.
    facts::checked(unsafe { MoveFileExW(old.as_ptr(), new.as_ptr(), 0) })
}
