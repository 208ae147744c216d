//! Links. Windows has two kinds of them, and lets few make any.

use std::fs;
use std::os::windows::fs::{symlink_dir, symlink_file};

use cap_std::fs::Dir;
use windows_sys::Win32::Foundation::{ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED};

use super::facts;
use super::name::with_backslashes;
use super::open::{Opened, open_directory};
use crate::snapshot::system::refused::{Refused, Result, Why};

/// Where a link leads to, with slashes, as git has it.
pub(crate) fn read_link(opened: &Opened, name: &[u8], _buffer: Vec<u8>) -> Result<Vec<u8>> {
    let target = fs::read_link(opened.child(name)?)?;
    let target = target.to_str().ok_or(Refused::of(Why::Name))?;
    Ok(target.replace('\\', "/").into_bytes())
}

/// Makes a link. It needs the right to do so, or the developer mode.
pub(crate) fn make_link(
    target: &[u8],
    opened: &Opened,
    name: &[u8],
    to_directory: impl FnOnce() -> bool,
) -> Result<()> {
    let (target, path) = (with_backslashes(target)?, opened.child(name)?);
    let made = match to_directory() {
        true => symlink_dir(target, path),
        false => symlink_file(target, path),
    };
    made.map_err(|error| {
        let lacks = [ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED].map(u32::cast_signed);
        match error.raw_os_error() {
            // FAT has none.
            Some(code) if lacks.contains(&code) => Refused::new(Why::NoLinks, code),
            _ => error.into(),
        }
    })
}

/// Whether the target of a link in this directory is a directory, by what is there now. `inside`: the target's path, if it is
/// beneath the root. No other machine is asked, which could get the user's credentials so.
pub(crate) fn leads_to_directory(
    root: &Dir,
    directory: &[u8],
    link: &[u8],
    inside: Option<&[u8]>,
) -> bool {
    if let Some(inside) = inside {
        return open_directory(root, inside).is_ok();
    }
    if matches!(link.first(), Some(b'/' | b'\\')) {
        return false;
    }
    let found = || {
        let root = facts::path(&root.try_clone().ok()?.into_std_file()).ok()?;
        let directory = root.join(with_backslashes(directory).ok()?);
        let target = directory.join(with_backslashes(link).ok()?);
        Some(fs::metadata(target).ok()?.is_dir())
    };
    found().unwrap_or(false)
}
