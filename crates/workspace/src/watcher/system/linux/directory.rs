//! A directory beneath the root, held open for a moment.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir, Statx, StatxFlags, openat, statx};
use rustix::io::Errno;

use crate::watcher::system::facts::{Facts, Kind, mix};

use super::network;

/// The buffer for names of a directory: one call reads about a thousand.
const LIST_BYTES: usize = 32 << 10;

/// A directory, held open.
#[derive(Debug)]
pub(crate) struct OpenDir(OwnedFd);

impl OpenDir {
    pub(super) fn new(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }

    /// The path by which the kernel finds this very directory.
    pub(super) fn magic_path(&self) -> String {
        format!("/proc/self/fd/{}", self.0.as_raw_fd())
    }

    /// What is known of the directory itself.
    pub(crate) fn facts(&self) -> io::Result<Facts> {
        let found = statx(&self.0, "", AtFlags::EMPTY_PATH, wanted())?;
        Ok(facts(&found))
    }

    /// The kind of network file system it is on, if it is on one.
    pub(crate) fn network(&self) -> Option<&'static str> {
        network::kind(&self.0)
    }

    /// What a name leads to; nothing if it is not there.
    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Option<Facts>> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        match statx(&self.0, name, flags, wanted()) {
            Ok(found) => Ok(Some(facts(&found))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Calls `each` with all names and what they lead to.
    pub(crate) fn list(&self, mut each: impl FnMut(OsString, Facts)) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); LIST_BYTES];
        let mut names = RawDir::new(&self.0, &mut buffer);
        while let Some(entry) = names.next() {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            // A name that cannot be looked at (of a broken network file system) is one that is not there.
            if let Ok(Some(facts)) = self.look(name) {
                each(name.to_owned(), facts);
            }
        }
        Ok(())
    }

    /// The contents of a regular file in it, up to `limit` bytes. Nothing if there is no such file.
    pub(crate) fn read(&self, name: &OsStr, limit: u64) -> io::Result<Option<Vec<u8>>> {
        // A named pipe must not block, a link must not lead out.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !file.metadata()?.is_file() {
            return Ok(None);
        }
        let mut contents = Vec::new();
        file.take(limit).read_to_end(&mut contents)?;
        Ok(Some(contents))
    }
}

fn wanted() -> StatxFlags {
    StatxFlags::TYPE
        | StatxFlags::MODE
        | StatxFlags::INO
        | StatxFlags::NLINK
        | StatxFlags::SIZE
        | StatxFlags::MTIME
        | StatxFlags::BTIME
}

fn facts(found: &Statx) -> Facts {
    let kind = match FileType::from_raw_mode(u32::from(found.stx_mode)) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        _ => Kind::Other,
    };
    let sure = found.stx_mask & StatxFlags::BTIME.bits() != 0;
    let born = match sure {
        true => mix(&[
            found.stx_btime.tv_sec.cast_unsigned(),
            found.stx_btime.tv_nsec.into(),
        ]),
        false => 0,
    };
    let device = (u64::from(found.stx_dev_major) << 32) | u64::from(found.stx_dev_minor);
    let is_directory = kind == Kind::Directory;
    let changed = &found.stx_mtime;
    let stamp = [
        changed.tv_sec.cast_unsigned(),
        changed.tv_nsec.into(),
        found.stx_mode.into(),
    ];
    Facts {
        size: if is_directory { 0 } else { found.stx_size },
        stamp: if is_directory { 0 } else { mix(&stamp) },
        identity: mix(&[device, found.stx_ino, born]),
        kind,
        sure,
        linked: !is_directory && found.stx_nlink > 1,
    }
}
