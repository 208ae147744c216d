//! What is in a directory.

use std::fs;
use std::fs::File;

use windows_sys::Win32::Storage::FileSystem::FILE_READ_ATTRIBUTES;

use super::kind::{FileType, OF_DIRECTORY};
use super::open::{Opened, open_itself};
use super::{facts, name};
use crate::root::may_be_short;
use crate::snapshot::system::refused::{Refused, Result, Why};
use crate::snapshot::system::stamp::Stamp;

/// Calls `each` with all names in the directory. One that is no UTF-8 is told in bytes that are none either: then nothing can
/// be opened by it.
pub(crate) fn each_name(opened: &Opened, mut each: impl FnMut(&[u8], FileType)) -> Result<()> {
    for entry in fs::read_dir(opened.path())? {
        let entry = entry?;
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_dir() => FileType::Directory,
            Ok(kind) if kind.is_file() => FileType::RegularFile,
            // Who looks at it finds out.
            _ => FileType::Unknown,
        };
        each(entry.file_name().as_encoded_bytes(), kind);
    }
    Ok(())
}

/// What is there under this name. A link is not followed. The file is opened for it: what its directory says of it may be what
/// was true when it was opened by this name last.
pub(crate) fn look(opened: &Opened, name: &[u8]) -> Result<Stamp> {
    let file = open_itself(&opened.child(name)?, FILE_READ_ATTRIBUTES)?;
    // By a short name it is another file.
    if may_be_short(name::checked(name)?) && !opened.is_child(&file, Some(name))? {
        return Err(Refused::of(Why::Name));
    }
    look_at(&file)
}

/// Whether an error of [`look`] is one of that file alone: drivers and damaged disks have many of them.
pub(crate) const fn is_of_one_file(why: Why) -> bool {
    !matches!(why, Why::Exhausted)
}

/// What is known of a file that is open.
pub(crate) fn look_at(file: &File) -> Result<Stamp> {
    Ok(facts::stamp(file)?)
}

/// The type and the permissions of a directory: all have the same.
pub(crate) const fn directory_mode(_opened: &Opened) -> Result<u32> {
    Ok(FileType::Directory.mode() | OF_DIRECTORY)
}
