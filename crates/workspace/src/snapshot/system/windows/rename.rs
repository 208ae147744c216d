//! Moves a file to another directory.

use std::fs;
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::fs::MetadataExt as _;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{DELETE, FILE_ATTRIBUTE_DIRECTORY, MoveFileExW};

use super::facts;
use super::open::{Opened, open_itself};
use super::patience::while_in_use;
use super::remove::remove;
use crate::snapshot::system::refused::{Refused, Result, Why};

/// Moves a file. `over`: what has the new name is replaced; otherwise nothing may have it.
pub(crate) fn rename(from: &Opened, old: &str, to: &Opened, new: &[u8], over: bool) -> Result<()> {
    let (old, new) = (from.path().join(old), to.child(new)?);
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
        remove(new, false)?;
        return Ok(move_new(old, new)?);
    }
    let mut permissions = there.permissions();
    if !permissions.readonly() {
        // The system does not say here that somebody has it open.
        let refused = open_itself(new, DELETE).map_err(Refused::from).err();
        return Err(refused.unwrap_or(denied));
    }
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "on Windows it is an attribute"
    )]
    permissions.set_readonly(false);
    fs::set_permissions(new, permissions)?;
    let done = fs::rename(old, new);
    if done.is_err() {
        // It is told why it could not be replaced.
        let _ = fs::set_permissions(new, there.permissions());
    }
    Ok(done?)
}

/// Moves it to where nothing is.
#[expect(unsafe_code, reason = "a call of the system with what lives here")]
fn move_new(old: &Path, new: &Path) -> io::Result<()> {
    let ended = |path: &Path| -> Vec<u16> { path.as_os_str().encode_wide().chain([0]).collect() };
    let (old, new) = (ended(old), ended(new));
    // SAFETY: both end with NUL.
    facts::checked(unsafe { MoveFileExW(old.as_ptr(), new.as_ptr(), 0) })
}
