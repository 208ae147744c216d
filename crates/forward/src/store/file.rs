//! The file of saved data and its copy: reads them, and replaces them so that a power failure damages neither.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::entry::{self, Content, Saved};
use super::error::StoreError;
use super::lock::Lock;
#[cfg(unix)]
use super::permissions::{DIRECTORY_MODE, MODE};

pub(super) const MAIN: &str = "forwards.json";
/// The previous state.
pub(super) const COPY: &str = "forwards.json.bak";
/// Written here first. A fixed name, so that kills leave at most one behind.
pub(super) const FRESH: &str = "forwards.json.tmp";
/// The copy before it is renamed.
const FRESH_COPY: &str = "forwards.json.bak.tmp";
/// A main file that could not be read, kept for inspection.
pub(super) const DAMAGED: &str = "forwards.json.damaged";

/// The largest file that is read: all 65,535 ports with 4 KiB each.
const MAX_BYTES: u64 = 256 << 20;

/// What a directory holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) ports: Vec<Saved>,
    /// What was wrong, if anything.
    pub(super) notice: Option<String>,
}

/// A directory of saved data, locked.
#[derive(Debug)]
pub(super) struct Disk {
    /// `None` when it was released or lost.
    lock: Option<Lock>,
    dir: PathBuf,
    /// Whether the main file holds an acknowledged state: only then may it replace the copy.
    good: bool,
}

impl Disk {
    pub(super) fn open(dir: &Path) -> Result<(Self, Found), StoreError> {
        // Absolute, so that the process may change its working directory.
        let dir = std::path::absolute(dir).map_err(StoreError::io("find", dir))?;
        make(&dir).map_err(StoreError::io("create", &dir))?;
        let mut disk = Self {
            lock: Some(Lock::take(&dir)?),
            dir,
            good: false,
        };
        let found = disk.read()?;
        // Left behind by a killed process.
        for name in [FRESH, FRESH_COPY] {
            remove(&disk.dir.join(name))?;
        }
        Ok((disk, found))
    }

    fn read(&mut self) -> Result<Found, StoreError> {
        let (main, copy) = (self.dir.join(MAIN), self.dir.join(COPY));
        let problem = match load(&main)? {
            Some(Content::Ports(ports, 0)) => {
                self.good = true;
                let notice = None;
                return Ok(Found { ports, notice });
            }
            Some(Content::Ports(ports, bad)) => {
                let kept = self.put_aside();
                let notice = format!(
                    "{}: {bad} of {} saved ports could not be read; {kept}",
                    main.display(),
                    bad + ports.len()
                );
                let notice = Some(notice);
                return Ok(Found { ports, notice });
            }
            Some(Content::Newer(found)) => return Err(StoreError::Newer { path: main, found }),
            Some(Content::Damaged(position)) => Some(position),
            None => None,
        };
        let copied = match load(&copy)? {
            Some(Content::Newer(found)) => return Err(StoreError::Newer { path: copy, found }),
            Some(Content::Ports(ports, _)) => Some(ports),
            Some(Content::Damaged(_)) | None => None,
        };
        let what = match problem {
            Some(position) => format!("is damaged ({position}; {})", self.put_aside()),
            None if copied.is_some() => "is missing".to_owned(),
            None => return Ok(Found::default()),
        };
        let done = match &copied {
            Some(ports) => format!("its last copy is used; it has {} ports", ports.len()),
            None => "there is no copy, so no saved port is known".to_owned(),
        };
        Ok(Found {
            ports: copied.unwrap_or_default(),
            notice: Some(format!("{} {what}; {done}", main.display())),
        })
    }

    /// Links the main file under a second name, where it stays when the first is replaced. It keeps its own name
    /// until then: it may hold more than the copy.
    fn put_aside(&self) -> &'static str {
        let (main, damaged) = (self.dir.join(MAIN), self.dir.join(DAMAGED));
        let kept = remove(&damaged).is_ok()
            && (fs::hard_link(&main, &damaged).is_ok() || fs::copy(&main, &damaged).is_ok());
        if kept {
            "kept as forwards.json.damaged"
        } else {
            "it could not be kept"
        }
    }

    /// Replaces the saved state. When it returns, the new state is on the disk.
    pub(super) fn write<'a>(
        &mut self,
        ports: impl ExactSizeIterator<Item = &'a Saved>,
    ) -> Result<(), StoreError> {
        self.ensure_lock()?;
        let empty = ports.len() == 0;
        let path = |name| self.dir.join(name);
        let (main, fresh) = (path(MAIN), path(FRESH));
        let bytes = entry::encode(ports).map_err(StoreError::io("encode", &main))?;

        write_new(&fresh, &bytes).inspect_err(|_| {
            // On a full disk it would only take space.
            let _ = fs::remove_file(&fresh);
        })?;
        if self.good {
            keep(&main, &path(FRESH_COPY), &path(COPY))?;
        }
        // Not good again until everything succeeded: until then the copy is the file known to be good.
        let dir = self.dir.clone();
        self.good = false;
        fs::rename(&fresh, &main).map_err(StoreError::io("replace", &main))?;
        sync_dir(&dir).map_err(StoreError::io("sync", &dir))?;
        if empty {
            // After removing everything, no password may stay in the copies.
            for name in [COPY, FRESH_COPY, DAMAGED] {
                remove(&dir.join(name))?;
            }
            sync_dir(&dir).map_err(StoreError::io("sync", &dir))?;
        }
        self.good = true;
        Ok(())
    }

    /// Takes the lock again if it was lost with a deleted directory.
    fn ensure_lock(&mut self) -> Result<(), StoreError> {
        if !self.lock.as_ref().is_some_and(Lock::holds) {
            self.lock = None;
            self.lock = Some(Lock::take(&self.dir)?);
        }
        Ok(())
    }

    /// Releases the directory.
    pub(super) fn release(&mut self) {
        self.lock = None;
    }
}

/// The content of a file; `None` if it does not exist.
pub(super) fn load(path: &Path) -> Result<Option<Content>, StoreError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(StoreError::io("open", path))?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(StoreError::io("read", path))?;
    Ok(Some(entry::decode(&bytes)))
}

fn make(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIRECTORY_MODE);
    builder.create(dir)?;
    dir.parent().map_or(Ok(()), sync_dir)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    // Created anew each time: an existing file may have other permissions or be a link.
    remove(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, MODE);
    let mut file = options.open(path).map_err(StoreError::io("create", path))?;
    file.write_all(bytes)
        .map_err(StoreError::io("write", path))?;
    file.sync_all().map_err(StoreError::io("sync", path))
}

/// Makes the main file the copy as well. At every moment the copy is complete and the main file exists.
fn keep(main: &Path, fresh_copy: &Path, copy: &Path) -> Result<(), StoreError> {
    remove(fresh_copy)?;
    match fs::hard_link(main, fresh_copy) {
        Ok(()) => fs::rename(fresh_copy, copy),
        // It was deleted: then the older copy is all there is.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        // No hard links on this file system: for a moment only the copy exists, and it is read after a crash.
        Err(_) => fs::rename(main, copy),
    }
    .map_err(StoreError::io("keep", copy))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other.map_err(StoreError::io("remove", path)),
    }
}

/// Makes renames durable.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    match File::open(dir)?.sync_all() {
        // Some network file systems do not support this.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Windows has no such call; its journal keeps the order.
#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}
