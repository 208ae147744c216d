//! One write: its contents replace the file as a whole, or leave nothing behind. Its functions block on the disk.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use cap_std::fs::Dir;
use data_encoding::HEXLOWER;
use loopwire_channel::CommandError;
use ring::digest::{Context, SHA256};

use crate::file::done::Done;
use crate::file::turns::Turns;
use crate::root::{Location, contents_refusal, refusal};

use super::keep::{Existing, keep, new_mode};
use super::staging::{self, Rename, Unnamed};
use super::sync::sync;
use super::{in_place, unnamed};

/// How often a write begins to land again because another process creates or removes the file at the same moment.
const MAX_RACES: usize = 16;

/// A file that is being written.
pub(super) struct Save {
    location: Location,
    /// The contents, until they are complete.
    file: File,
    /// `None` while the file has no name: then nothing of it is left, however the process ends.
    name: Option<PathBuf>,
    /// Whether the file lies in the directory of the location, so that it can be renamed.
    beside: bool,
    digest: Context,
    size: u64,
    written: u64,
    mode: Option<u32>,
    /// What was there at the beginning.
    old: Option<Existing>,
    /// Whether the file has taken its place.
    landed: bool,
    rename: Rename,
    /// Behind `file`, so that it is dropped when that is closed.
    leftover: Leftover,
}

/// A temporary name that could not be removed while the file was open, as with file systems that can neither rename
/// nor forget the name of an open file. It is removed when this is dropped.
#[derive(Default)]
struct Leftover(Option<(Dir, PathBuf)>);

impl Drop for Leftover {
    fn drop(&mut self) {
        if let Some((dir, name)) = self.0.take() {
            // If that fails, nothing more can be done. The name shows what the file is.
            let _ = dir.remove_file(name);
        }
    }
}

impl Save {
    /// Begins a file of `size` bytes.
    pub(super) fn create(
        location: Location,
        size: u64,
        mode: Option<u32>,
    ) -> Result<Self, CommandError> {
        Self::create_as(location, size, mode, unnamed::create, staging::rename)
    }

    fn create_as(
        location: Location,
        size: u64,
        mode: Option<u32>,
        unnamed: Unnamed,
        rename: Rename,
    ) -> Result<Self, CommandError> {
        let old = location.existing()?;
        // A file with given permissions is private until it is complete. For all others the system applies its umask,
        // or the default access control list of the directory.
        let private = mode.is_some() || old.is_some();
        let first_mode = if private { 0o600 } else { 0o666 };
        let beside = staging::beside(&location.dir, first_mode, unnamed);
        let (file, name, beside) = match beside {
            Ok((file, name)) => (file, name, true),
            Err(error) if old.is_some() && staging::is_closed(&error) => {
                let file = staging::elsewhere(size).map_err(|error| refusal(&error))?;
                (file, None, false)
            }
            Err(error) => return Err(refusal(&error)),
        };
        Ok(Self {
            location,
            file,
            name,
            beside,
            digest: Context::new(&SHA256),
            size,
            written: 0,
            mode,
            old,
            landed: false,
            rename,
            leftover: Leftover::default(),
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
            .map_err(|error| contents_refusal(&error).during("write"))?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Moves the contents to their place. When this returns, they survive a loss of power.
    pub(super) fn commit(mut self, path: String, turns: &Turns) -> Result<Done, CommandError> {
        let atomic = self.land(turns)?;
        let digest = std::mem::replace(&mut self.digest, Context::new(&SHA256)).finish();
        Ok(Done {
            path,
            size: self.size,
            sha256: HEXLOWER.encode(digest.as_ref()),
            atomic,
        })
    }

    /// False if the file was written in place.
    fn land(&mut self, turns: &Turns) -> Result<bool, CommandError> {
        for _ in 0..MAX_RACES {
            // Looked at again, because it may have changed meanwhile: only a file may be replaced.
            let now = self.location.existing()?;
            // From an append-only directory the temporary name could not be removed any more.
            if self.beside && !(now.is_some() && unnamed::is_append_only(&self.location.dir)) {
                // Out of descriptors, nothing may have changed yet.
                let directory = self.directory().map_err(|error| refusal(&error))?;
                let landed = (self.prepare(now.as_ref())).and_then(|()| self.take(now.is_some()));
                match landed {
                    Ok(()) => {
                        if let Some(directory) = directory {
                            sync(&directory).map_err(|error| refusal(&error).during("fsync"))?;
                        }
                        return Ok(true);
                    }
                    Err(Unable::InPlace(error)) => {
                        tracing::debug!(%error, "a file is written in place");
                        self.remove_name();
                        if now.is_none() {
                            return self.write_new(&error, turns);
                        }
                    }
                    Err(Unable::Failed(error)) if error.kind() == ErrorKind::AlreadyExists => {
                        continue;
                    }
                    Err(Unable::Failed(error)) => return Err(refusal(&error).during("rename")),
                }
            }
            self.write_in_place(turns)?;
            return Ok(false);
        }
        Err(refusal(&ErrorKind::AlreadyExists.into()))
    }

    fn write_in_place(&mut self, turns: &Turns) -> Result<(), CommandError> {
        let Self { location, file, .. } = self;
        in_place::write(location, file, self.size, self.mode, turns)
    }

    /// Writes a new file where the file system cannot rename, because of that error.
    fn write_new(&mut self, error: &io::Error, turns: &Turns) -> Result<bool, CommandError> {
        let Location { dir, name } = &self.location;
        let mode = if self.mode.is_some() { 0o600 } else { 0o666 };
        if staging::make(dir, name, mode).is_err() {
            return Err(refusal(error));
        }
        let written = self.write_in_place(turns);
        if written.is_err() {
            let _ = self.location.dir.remove_file(&self.location.name);
        }
        written.map(|()| false)
    }

    /// Gives the contents what the file in their place had. If that was removed meanwhile, it comes back as it was.
    fn prepare(&self, now: Option<&Existing>) -> Result<(), Unable> {
        match (now, &self.old) {
            (Some(old), _) => keep(&self.file, old, self.mode).map_err(Unable::InPlace)?,
            (None, Some(old)) => {
                if let Err(error) = keep(&self.file, old, self.mode) {
                    tracing::debug!(%error, "a file could not be given all that it had");
                }
            }
            (None, None) => new_mode(&self.file, self.mode).map_err(Unable::Failed)?,
        }
        sync(&self.file).map_err(Unable::Failed)
    }

    /// Takes the file's place. A new file without a name gets it at once.
    fn take(&mut self, replaces: bool) -> Result<(), Unable> {
        let Location { dir, name: target } = &self.location;
        if self.name.is_none() {
            let name = match replaces {
                true => unnamed::random_name(),
                false => target.clone(),
            };
            unnamed::link(dir, &self.file, &name).map_err(Unable::of)?;
            self.landed = !replaces;
            if self.landed {
                return Ok(());
            }
            self.name = Some(name);
        }
        if let Some(name) = &self.name {
            let renamed = (self.rename)(dir, name, target);
            renamed.map_err(|error| match error.kind() {
                // Some file systems rename, but not over another file.
                ErrorKind::AlreadyExists if replaces => Unable::InPlace(error),
                _ => Unable::of(error),
            })?;
        }
        self.name = None;
        self.landed = true;
        Ok(())
    }

    /// The directory, opened so that it can be synced. `None` where it may not be read.
    #[cfg(unix)]
    fn directory(&self) -> io::Result<Option<File>> {
        match self.location.dir.open(".") {
            Ok(directory) => Ok(Some(directory.into_std())),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(None),
            Err(error) => Err(error),
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "as on other systems")]
    fn directory(&self) -> io::Result<Option<File>> {
        Ok(None)
    }

    fn remove_name(&mut self) {
        if let Some(name) = self.name.take()
            && self.location.dir.remove_file(&name).is_err()
        {
            let dir = self.location.dir.try_clone();
            self.leftover.0 = dir.ok().map(|dir| (dir, name));
        }
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
}

/// Why a file could not take its place.
enum Unable {
    /// The one that is there has to stay, with new contents.
    InPlace(io::Error),
    Failed(io::Error),
}

impl Unable {
    fn of(error: io::Error) -> Self {
        match in_place::is_needed(&error) {
            true => Self::InPlace(error),
            false => Self::Failed(error),
        }
    }
}

impl Drop for Save {
    fn drop(&mut self) {
        self.remove_name();
        if !self.landed && self.has_no_name() {
            // A forked child holds a copy of this descriptor until its exec, so that closing ours need not free the
            // space.
            let _ = self.file.set_len(0);
        }
    }
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
        let create = || {
            let location = root.locate("x").unwrap();
            Save::create_as(location, 3, None, |_, _| None, staging::rename).unwrap()
        };
        let mut temp = create();
        temp.write(b"ne").unwrap();
        let names_now = names(dir.path());
        assert_eq!(names_now.len(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Until it has what the old one has, nobody else may read it.
            let found = fs::metadata(dir.path().join(&names_now[0])).unwrap();
            assert_eq!(found.permissions().mode() & 0o777, 0o600);
        }
        drop(temp);
        assert_eq!(names(dir.path()), ["x"]);
        assert_eq!(fs::read(dir.path().join("x")).unwrap(), b"old");
        let mut temp = create();
        temp.write(b"new").unwrap();
        temp.commit("x".to_owned(), &Turns::default()).unwrap();
        assert_eq!(names(dir.path()), ["x"]);
        assert_eq!(fs::read(dir.path().join("x")).unwrap(), b"new");
    }

    #[test]
    fn where_the_file_system_cannot_rename_files_are_written_in_place() {
        for kind in [
            ErrorKind::Unsupported,
            ErrorKind::CrossesDevices,
            ErrorKind::AlreadyExists,
        ] {
            // A function pointer captures nothing.
            let rename: Rename = match kind {
                ErrorKind::Unsupported => |_, _, _| Err(ErrorKind::Unsupported.into()),
                ErrorKind::CrossesDevices => |_, _, _| Err(ErrorKind::CrossesDevices.into()),
                _ => |dir, from, to| match dir.exists(to) {
                    true => Err(ErrorKind::AlreadyExists.into()),
                    false => staging::rename(dir, from, to),
                },
            };
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("x"), "what was there").unwrap();
            let root = Root::open(dir.path()).unwrap();
            for (name, renamed) in [("x", false), ("y", kind == ErrorKind::AlreadyExists)] {
                let location = root.locate(name).unwrap();
                let mut temp = Save::create_as(location, 3, None, |_, _| None, rename).unwrap();
                temp.write(b"new").unwrap();
                let done = temp.commit(name.to_owned(), &Turns::default()).unwrap();
                assert_eq!(done.atomic, renamed, "{kind} {name}");
                assert_eq!(fs::read(dir.path().join(name)).unwrap(), b"new");
            }
            assert_eq!(names(dir.path()), ["x", "y"]);
        }
    }

    /// On Windows a child process gets no handle that it is not given.
    #[cfg(unix)]
    #[test]
    fn the_space_of_a_file_that_is_given_up_is_free_though_a_child_process_still_holds_it_open() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        for unnamed in [unnamed::create, |_: &Dir, _| None] {
            let location = root.locate("x").unwrap();
            let mut temp = Save::create_as(location, 4, None, unnamed, staging::rename).unwrap();
            temp.write(b"new").unwrap();
            // A forked child holds all descriptors until its exec.
            let held = temp.file.try_clone().unwrap();
            drop(temp);
            assert_eq!(held.metadata().unwrap().len(), 0);
        }
        let mut temp = Save::create(root.locate("x").unwrap(), 3, None).unwrap();
        temp.write(b"new").unwrap();
        let held = temp.file.try_clone().unwrap();
        temp.commit("x".to_owned(), &Turns::default()).unwrap();
        fs::remove_file(dir.path().join("x")).unwrap();
        assert_eq!(held.metadata().unwrap().len(), 3, "somebody may read it");
    }
}
