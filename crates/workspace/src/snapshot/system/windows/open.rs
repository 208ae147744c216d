//! Opens directories and files beneath the root, without following any link.

use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;
use windows_sys::Win32::Foundation::GENERIC_READ;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, FILE_WRITE_ATTRIBUTES,
};

use super::kind::FileType;
use super::patience::while_in_use;
use super::{facts, name};
use crate::root::same_name;
use crate::snapshot::system::refused::{Refused, Result, Why};

/// All that others may do with what is open.
const ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// What others may do with a directory that is open: all but rename and delete it.
const PINNED: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE;

/// A directory, held open.
#[derive(Debug)]
pub(crate) struct Opened {
    /// It keeps the path.
    file: File,
    path: PathBuf,
}

impl Opened {
    /// The path of what has this name in it.
    pub(super) fn child(&self, name: &[u8]) -> Result<PathBuf> {
        Ok(self.path.join(name::checked(name)?))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a file that was opened by a path of this directory is in it, and has this name.
    pub(super) fn is_child(&self, file: &File, name: Option<&[u8]>) -> Result<bool> {
        let path = facts::path(file)?;
        let Some(name) = name else {
            return Ok(path.parent() == Some(self.path()));
        };
        let name = name::checked(name)?;
        let real = path.file_name().and_then(|real| real.to_str());
        let has_name = real.is_some_and(|real| same_name(name, real));
        Ok(has_name && path.parent() == Some(self.path()))
    }

    /// Fails if it was made a junction meanwhile.
    pub(super) fn check(&self) -> Result<()> {
        match facts::is_reparse_point(&self.file)? {
            true => Err(Refused::of(Why::Link)),
            false => Ok(()),
        }
    }

    /// A directory in it. A name that leads to one with another name is refused: a short one, or one that was replaced by a
    /// link in this moment.
    fn directory(&self, name: &[u8]) -> Result<Self> {
        let path = self.child(name)?;
        let file = while_in_use(|| Ok(open(&path, GENERIC_READ, PINNED)?))?;
        match facts::stamp(&file)?.file_type() {
            FileType::Directory => {}
            FileType::RegularFile => return Err(Refused::of(Why::NotDirectory)),
            FileType::Symlink | FileType::Unknown => return Err(Refused::of(Why::Link)),
        }
        match self.is_child(&file, Some(name))? {
            true => Ok(Self {
                path: facts::path(&file)?,
                file,
            }),
            false => Err(Refused::of(Why::Name)),
        }
    }
}

/// A directory beneath the root; the root itself is the empty path. One component after the other: a link or a junction anywhere
/// on the way is refused.
pub(crate) fn open_directory(root: &Dir, path: &[u8]) -> Result<Opened> {
    let file = root.try_clone()?.into_std_file();
    let mut opened = Opened {
        path: facts::path(&file)?,
        file,
    };
    let parts = path.split(|byte| *byte == b'/');
    for part in parts.filter(|part| !part.is_empty()) {
        opened = opened.directory(part)?;
    }
    Ok(opened)
}

/// A file for reading. A link is refused.
pub(crate) fn open_file(directory: &Opened, name: &[u8]) -> Result<File> {
    let path = directory.child(name)?;
    let file = while_in_use(|| Ok(open(&path, GENERIC_READ, ALL)?))?;
    if !directory.is_child(&file, None)? {
        return Err(Refused::of(Why::Link));
    }
    let stamp = facts::stamp(&file)?;
    match stamp.file_type() {
        FileType::Symlink | FileType::Unknown => Err(Refused::of(Why::Link)),
        FileType::RegularFile if facts::is_elsewhere(&file)? => {
            // A file in a cloud, for example. Without the flag its contents are brought here.
            let read = File::options().read(true).open(&path)?;
            match facts::stamp(&read)?.is_same_file(&stamp) {
                true => Ok(read),
                false => Err(Refused::of(Why::Link)),
            }
        }
        _ => Ok(file),
    }
}

/// A file whose permissions are changed.
pub(crate) fn open_to_change(directory: &Opened, name: &[u8]) -> Result<File> {
    let access = GENERIC_READ | FILE_WRITE_ATTRIBUTES;
    let path = directory.child(name)?;
    let file = while_in_use(|| Ok(open(&path, access, ALL)?))?;
    let is_link = matches!(
        facts::stamp(&file)?.file_type(),
        FileType::Symlink | FileType::Unknown
    );
    match is_link || !directory.is_child(&file, None)? {
        true => Err(Refused::of(Why::Link)),
        false => Ok(file),
    }
}

/// Opens what has this path itself, whatever it is.
pub(super) fn open_itself(path: &Path, access: u32) -> io::Result<File> {
    open(path, access, ALL)
}

fn open(path: &Path, access: u32, shared: u32) -> io::Result<File> {
    File::options()
        .access_mode(access)
        .share_mode(shared)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)
}
