//! Directories beneath the root, through `cap-std`, which follows no link out of it.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

use crate::watcher::system::facts::{Facts, Kind, mix};

/// The root, held open.
#[derive(Debug)]
pub(crate) struct RootDir(Dir);

/// A directory, held open.
#[derive(Debug)]
pub(crate) struct OpenDir(Dir);

impl RootDir {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if !std::fs::symlink_metadata(path)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Dir::open_ambient_dir(path, ambient_authority()).map(Self)
    }

    pub(crate) fn directory(&self, relative: &Path) -> io::Result<OpenDir> {
        if relative.as_os_str().is_empty() {
            return self.0.try_clone().map(OpenDir);
        }
        if !self.0.symlink_metadata(relative)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        self.0.open_dir(relative).map(OpenDir)
    }

    pub(crate) fn readable(&self, relative: &Path) -> io::Result<OpenDir> {
        self.directory(relative)
    }
}

impl OpenDir {
    pub(crate) fn facts(&self) -> io::Result<Facts> {
        self.0.dir_metadata().map(|found| facts(&found))
    }

    /// These systems tell nothing of it.
    #[expect(clippy::unused_self, reason = "on Linux it is looked at")]
    pub(crate) fn network(&self) -> Option<&'static str> {
        None
    }

    /// How something is spelled that is found under this name, if that differs in case.
    #[cfg(not(windows))]
    pub(crate) fn spelled_otherwise(&self, name: &OsStr) -> Option<OsString> {
        super::spelled::spelled_otherwise(&self.0, name)
    }

    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Option<Facts>> {
        match self.0.symlink_metadata(name) {
            // It was renamed, and only its case is different: nothing has this name any more.
            #[cfg(not(windows))]
            Ok(_) if self.spelled_otherwise(name).is_some() => Ok(None),
            Ok(found) => Ok(Some(facts(&found))),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }

    pub(crate) fn list(&self, mut each: impl FnMut(OsString, Facts)) -> io::Result<()> {
        for entry in self.0.entries()? {
            let entry = entry?;
            // A name that cannot be looked at is one that is not there.
            if let Ok(found) = self.0.symlink_metadata(entry.file_name()) {
                each(entry.file_name(), facts(&found));
            }
        }
        Ok(())
    }

    pub(crate) fn read(&self, name: &OsStr, limit: u64) -> io::Result<Option<Vec<u8>>> {
        match self.0.symlink_metadata(name) {
            Ok(found) if found.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        let mut contents = Vec::new();
        self.0.open(name)?.take(limit).read_to_end(&mut contents)?;
        Ok(Some(contents))
    }
}

/// Whether the error says that there is no directory: nothing, a link or something else is in its place.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn facts(found: &Metadata) -> Facts {
    let kind = match found {
        _ if found.is_dir() => Kind::Directory,
        _ if found.is_file() => Kind::File,
        _ => Kind::Other,
    };
    let since = |time: io::Result<cap_std::time::SystemTime>| {
        let time = time.ok()?.into_std();
        let since = time
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .ok()?;
        Some(mix(&[since.as_secs(), since.subsec_nanos().into()]))
    };
    let born = since(found.created());
    let is_directory = kind == Kind::Directory;
    let changed = since(found.modified()).unwrap_or_default();
    let (parts, mode) = identity(found, born);
    Facts {
        size: if is_directory { 0 } else { found.len() },
        stamp: if is_directory {
            0
        } else {
            mix(&[changed, mode])
        },
        identity: parts.map_or(0, |parts| mix(&parts)),
        kind,
        // The number of a file that was deleted is not used again on NTFS, but on FAT.
        sure: cfg!(unix) && born.is_some(),
        linked: false,
    }
}

/// What tells the file from all others, and the mode.
#[cfg(unix)]
fn identity(found: &Metadata, born: Option<u64>) -> (Option<[u64; 3]>, u64) {
    use cap_std::fs::MetadataExt as _;
    let parts = [found.dev(), found.ino(), born.unwrap_or(0)];
    (Some(parts), found.mode().into())
}

/// The volume and the number of the file there. The time of birth is not part of it: whoever unpacks an archive sets it. Some
/// file servers know no numbers, and say 0.
#[cfg(windows)]
fn identity(found: &Metadata, _: Option<u64>) -> (Option<[u64; 3]>, u64) {
    use cap_fs_ext::MetadataExt as _;
    let parts = [found.dev(), found.ino(), 0];
    let known = parts[1] != 0 && parts[1] != u64::MAX;
    (
        known.then_some(parts),
        found.permissions().readonly().into(),
    )
}
