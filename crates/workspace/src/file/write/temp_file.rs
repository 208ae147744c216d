//! A temporary file: it replaces the target file as a whole, or leaves nothing behind. Its functions block on the
//! disk.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use cap_std::fs::{Dir, Metadata, OpenOptions};
use data_encoding::HEXLOWER;
use loopwire_channel::CommandError;
use ring::digest::{Context, SHA256};

use crate::file::done::Done;
use crate::root::{Location, not_a_file, refusal};

use super::unnamed;

/// A file that is being written.
pub(super) struct TempFile {
    location: Location,
    file: File,
    /// `None` while the file has no name: then nothing of it is left, however the process ends.
    name: Option<PathBuf>,
    digest: Context,
    size: u64,
    written: u64,
    mode: Option<u32>,
    old: Option<Metadata>,
    committed: bool,
}

impl TempFile {
    /// Begins a file of `size` bytes.
    pub(super) fn create(
        location: Location,
        size: u64,
        mode: Option<u32>,
    ) -> Result<Self, CommandError> {
        Self::create_as(location, size, mode, unnamed::create)
    }

    fn create_as(
        location: Location,
        size: u64,
        mode: Option<u32>,
        unnamed: impl Fn(&Dir, u32) -> Option<File>,
    ) -> Result<Self, CommandError> {
        let old = location.existing()?;
        // A file with given permissions is private until it is complete. For all others the system applies its umask.
        let own = mode.is_some() || old.is_some();
        let first_mode = if own { 0o600 } else { 0o644 };
        let (file, name) = match unnamed(&location.dir, first_mode) {
            Some(file) => (file, None),
            None => named(&location.dir, first_mode).map_err(|error| refusal(&error))?,
        };
        Ok(Self {
            location,
            file,
            name,
            digest: Context::new(&SHA256),
            size,
            written: 0,
            mode,
            old,
            committed: false,
        })
    }

    /// The number of bytes that are still missing.
    pub(super) const fn left(&self) -> u64 {
        self.size - self.written
    }

    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Writes the next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CommandError> {
        self.file
            .write_all(bytes)
            .map_err(|error| refusal(&error))?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Moves the file to its final name. When this returns, the file survives a loss of power.
    pub(super) fn commit(mut self, path: String) -> Result<Done, CommandError> {
        // Checked again, because the target may have changed meanwhile: only a file may be replaced.
        self.old = self.location.existing()?;
        self.finish().map_err(|error| refusal(&error))?;
        let digest = std::mem::replace(&mut self.digest, Context::new(&SHA256)).finish();
        Ok(Done {
            path,
            size: self.size,
            sha256: HEXLOWER.encode(digest.as_ref()),
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        self.set_owner_and_mode()?;
        self.file.sync_all()?;
        let dir = &self.location.dir;
        let name = match &self.name {
            Some(name) => name,
            None => self.name.insert(unnamed::link(dir, &self.file)?),
        };
        dir.rename(name, dir, &self.location.name)?;
        self.name = None;
        self.committed = true;
        // Not every file system supports this. The file has its final name in any case.
        #[cfg(unix)]
        if let Ok(dir) = dir.open(".")
            && let Err(error) = dir.sync_all()
        {
            tracing::debug!(%error, "a directory could not be synced");
        }
        Ok(())
    }

    /// Whether no directory entry leads to the file. On NFS a rename can succeed and still report an error.
    fn has_no_name(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            self.file.metadata().is_ok_and(|found| found.nlink() == 0)
        }
        #[cfg(not(unix))]
        false
    }

    /// Sets the owner and the permissions of the final file.
    #[cfg(unix)]
    fn set_owner_and_mode(&self) -> io::Result<()> {
        use cap_std::fs::MetadataExt;
        use rustix::fs::{Gid, Mode, Uid, fchmod, fchown};
        if let Some(old) = &self.old {
            // Only root may change the owner. For other users it is usually the same already.
            let (user, group) = (Uid::from_raw(old.uid()), Gid::from_raw(old.gid()));
            if let Err(error) = fchown(&self.file, Some(user), Some(group)) {
                tracing::debug!(%error, "a file could not be given its owner");
            }
        }
        let old = self.old.as_ref().map(|old| old.mode() & 0o777);
        if let Some(mode) = self.mode.or(old) {
            fchmod(&self.file, Mode::from_raw_mode(mode as _))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn set_owner_and_mode(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            // If that fails, nothing more can be done. The name shows what the file is.
            let _ = self.location.dir.remove_file(name);
        }
        if !self.committed && self.has_no_name() {
            // A forked child holds a copy of this descriptor until its exec, so that closing ours need not free the
            // space.
            let _ = self.file.set_len(0);
        }
    }
}

impl Location {
    /// The file that is there already and may be replaced, if there is one.
    fn existing(&self) -> Result<Option<Metadata>, CommandError> {
        let metadata = match self.dir.symlink_metadata(&self.name) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        if !metadata.is_file() {
            return Err(not_a_file());
        }
        // A rename needs no permission on the file that it replaces. A read-only file must not be replaced
        // nevertheless.
        #[cfg(unix)]
        {
            use rustix::fs::{Access, AtFlags, accessat};
            let access = accessat(&self.dir, &self.name, Access::WRITE_OK, AtFlags::empty());
            access.map_err(|error| refusal(&error.into()))?;
        }
        #[cfg(not(unix))]
        if metadata.permissions().readonly() {
            return Err(refusal(&ErrorKind::PermissionDenied.into()));
        }
        Ok(Some(metadata))
    }
}

fn named(dir: &Dir, mode: u32) -> io::Result<(File, Option<PathBuf>)> {
    let name = unnamed::random_name();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        options.mode(mode);
    }
    let file = dir.open_with(&name, &options)?;
    Ok((file.into_std(), Some(name)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::fs;

    use crate::root::Root;

    use super::*;

    fn names(dir: &std::path::Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn where_files_need_a_name_from_the_start_nothing_is_left_of_one_that_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x"), "old").unwrap();
        let root = Root::open(dir.path()).unwrap();
        let create =
            || TempFile::create_as(root.locate("x").unwrap(), 3, None, |_, _| None).unwrap();
        let mut temp = create();
        temp.write(b"ne").unwrap();
        assert_eq!(names(dir.path()).len(), 2);
        drop(temp);
        assert_eq!(names(dir.path()), ["x"]);
        assert_eq!(fs::read(dir.path().join("x")).unwrap(), b"old");
        let mut temp = create();
        temp.write(b"new").unwrap();
        temp.commit("x".to_owned()).unwrap();
        assert_eq!(names(dir.path()), ["x"]);
        assert_eq!(fs::read(dir.path().join("x")).unwrap(), b"new");
    }

    #[test]
    fn the_space_of_a_file_that_is_given_up_is_free_though_a_child_process_still_holds_it_open() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        for unnamed in [unnamed::create, |_: &Dir, _| None] {
            let location = root.locate("x").unwrap();
            let mut temp = TempFile::create_as(location, 4, None, unnamed).unwrap();
            temp.write(b"new").unwrap();
            // A forked child holds all descriptors until its exec.
            let held = temp.file.try_clone().unwrap();
            drop(temp);
            assert_eq!(held.metadata().unwrap().len(), 0);
        }
        let mut temp = TempFile::create(root.locate("x").unwrap(), 3, None).unwrap();
        temp.write(b"new").unwrap();
        let held = temp.file.try_clone().unwrap();
        temp.commit("x".to_owned()).unwrap();
        fs::remove_file(dir.path().join("x")).unwrap();
        assert_eq!(held.metadata().unwrap().len(), 3, "somebody may read it");
    }
}
