//! The file of saved data and its copy: reads them, and replaces them so that a power failure damages neither.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use loopwire_trust::read_regular;

use super::entry::{self, Content, Saved};
use super::error::StoreError;
use super::lock::Lock;
#[cfg(unix)]
use super::permissions::{DIRECTORY_MODE, MODE};

pub(super) const MAIN: &str = "forwards.json";
/// The same state in a file of its own, for the case that the first one is damaged.
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
    /// The copy holds another state: both files are to be written.
    pub(super) stale: bool,
}

/// A directory of saved data, locked.
#[derive(Debug)]
pub(super) struct Disk {
    /// `None` when it was released or lost.
    lock: Option<Lock>,
    dir: PathBuf,
}

impl Disk {
    pub(super) fn open(dir: &Path) -> Result<(Self, Found), StoreError> {
        // Absolute, so that the process may change its working directory.
        let dir = std::path::absolute(dir).map_err(StoreError::io("find", dir))?;
        make(&dir).map_err(StoreError::io("create", &dir))?;
        let disk = Self {
            lock: Some(Lock::take(&dir)?),
            dir,
        };
        let found = disk.read()?;
        // Left behind by a killed process.
        for name in [FRESH, FRESH_COPY] {
            remove(&disk.dir.join(name))?;
        }
        Ok((disk, found))
    }

    fn read(&self) -> Result<Found, StoreError> {
        let (main, copy) = (self.dir.join(MAIN), self.dir.join(COPY));
        let copied = match load(&copy)? {
            Some(Content::Newer(found)) => return Err(StoreError::Newer { path: copy, found }),
            Some(Content::Ports(ports, bad)) => Some((ports, bad)),
            Some(Content::Damaged(_)) => None,
            None => None,
        };
        let problem = match load(&main)? {
            Some(Content::Ports(ports, 0)) => {
                // A process that was killed between the two files, or an older Loopwire, leaves a copy that lags
                // behind. After damage it would bring back what was removed.
                let same = copied
                    .as_ref()
                    .is_some_and(|copied| *copied == (ports.clone(), 0));
                let stale = !same && (copy.exists() || !ports.is_empty());
                return Ok(Found {
                    ports,
                    notice: None,
                    stale,
                });
            }
            Some(Content::Ports(ports, bad)) => {
                let kept = self.put_aside();
                let notice = format!(
                    "{}: {bad} of {} saved ports could not be read; {kept}",
                    main.display(),
                    bad + ports.len()
                );
                return Ok(Found {
                    ports,
                    notice: Some(notice),
                    stale: true,
                });
            }
            Some(Content::Newer(found)) => return Err(StoreError::Newer { path: main, found }),
            Some(Content::Damaged(position)) => Some(position),
            None => None,
        };
        let what = match problem {
            Some(position) => format!("is damaged ({position}; {})", self.put_aside()),
            None if copied.is_some() => "is missing".to_owned(),
            None => return Ok(Found::default()),
        };
        let done = match &copied {
            Some((ports, _)) => format!("its copy is used; it has {} ports", ports.len()),
            None => "there is no copy, so no saved port is known".to_owned(),
        };
        Ok(Found {
            ports: copied.unwrap_or_default().0,
            notice: Some(format!("{} {what}; {done}", main.display())),
            stale: true,
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

    /// Replaces the saved state. When it returns, the new state is on the disk, in both files. Both are written before
    /// either is replaced, so that a full disk changes nothing.
    pub(super) fn write<'a>(
        &mut self,
        ports: impl ExactSizeIterator<Item = &'a Saved>,
    ) -> Result<(), StoreError> {
        self.ensure_lock()?;
        let empty = ports.len() == 0;
        let path = |name| self.dir.join(name);
        let (main, copy) = (path(MAIN), path(COPY));
        let (fresh, fresh_copy) = (path(FRESH), path(FRESH_COPY));
        let bytes = entry::encode(ports).map_err(StoreError::io("encode", &main))?;

        let written = write_new(&fresh, &bytes).and_then(|()| match empty {
            true => Ok(()),
            false => write_new(&fresh_copy, &bytes),
        });
        written.inspect_err(|_| {
            // On a full disk they would only take space.
            for path in [&fresh, &fresh_copy] {
                let _ = fs::remove_file(path);
            }
        })?;
        patiently(|| fs::rename(&fresh, &main)).map_err(StoreError::io("replace", &main))?;
        if empty {
            // After removing everything, no password may stay in the copies. They go when the empty state is certain to
            // survive a power failure.
            sync_dir(&self.dir).map_err(StoreError::io("sync", &self.dir))?;
            for name in [COPY, FRESH_COPY, DAMAGED] {
                remove(&path(name))?;
            }
        } else {
            patiently(|| fs::rename(&fresh_copy, &copy))
                .map_err(StoreError::io("replace", &copy))?;
        }
        sync_dir(&self.dir).map_err(StoreError::io("sync", &self.dir))
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
    match read_regular(path, MAX_BYTES) {
        Ok(bytes) => Ok(Some(entry::decode(&bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path)(error)),
    }
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
    let mut file = patiently(|| options.open(path)).map_err(StoreError::io("create", path))?;
    file.write_all(bytes)
        .map_err(StoreError::io("write", path))?;
    sync_all(&file).map_err(StoreError::io("sync", path))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match patiently(|| fs::remove_file(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other.map_err(StoreError::io("remove", path)),
    }
}

/// Does what another program may prevent for a moment: on Windows scanners and indexers open files just after they were
/// written.
#[cfg(not(windows))]
fn patiently<T>(attempt: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    attempt()
}

#[cfg(windows)]
fn patiently<T>(attempt: impl Fn() -> io::Result<T>) -> io::Result<T> {
    /// 10 ms apart: a second is enough for a scanner, and does not hold up a request for long.
    const TRIES: u32 = 100;
    const BETWEEN_TRIES: std::time::Duration = std::time::Duration::from_millis(10);
    /// A file that is being deleted, and a directory without the right to write, are the same.
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    const HELD: [i32; 3] = [ACCESS_DENIED, SHARING_VIOLATION, LOCK_VIOLATION];

    for _ in 1..TRIES {
        match attempt() {
            Err(error) if error.raw_os_error().is_some_and(|it| HELD.contains(&it)) => {
                std::thread::sleep(BETWEEN_TRIES);
            }
            other => return other,
        }
    }
    attempt()
}

/// Has the disk take over what was written.
#[cfg(not(target_vendor = "apple"))]
fn sync_all(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Has the disk take over what was written. The standard library asks the drive to empty its cache (`F_FULLFSYNC`), and
/// nothing else; the file systems of other machines, and some drivers, do not know that.
#[cfg(target_vendor = "apple")]
fn sync_all(file: &File) -> io::Result<()> {
    let synced = file.sync_all();
    match synced.as_ref().err().and_then(io::Error::raw_os_error) {
        Some(libc::ENOTTY | libc::ENOTSUP | libc::EINVAL) => Ok(rustix::fs::fsync(file)?),
        _ => synced,
    }
}

/// Makes renames durable.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    match sync_all(&File::open(dir)?) {
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

/// Windows has no such call. Its journal keeps the order, so files stay whole; but a power failure in the next moments may
/// take the last renames back.
#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}
