//! Where the contents of a write are kept until they are complete.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions};

use super::unnamed;

/// The most that is kept in memory where no directory takes it: enough for a file that is edited. Up to 64 transfers
/// may need that at a time.
#[cfg(target_os = "linux")]
const MAX_IN_MEMORY: u64 = 16 << 20;

/// Makes files without a name; a parameter for the tests.
pub(super) type Unnamed = fn(&Dir, u32) -> Option<File>;

/// Gives a file of the directory another name there; a parameter for the tests.
pub(super) type Rename = fn(&Dir, &Path, &Path) -> io::Result<()>;

#[cfg(not(windows))]
pub(super) fn rename(dir: &Dir, from: &Path, to: &Path) -> io::Result<()> {
    dir.rename(from, dir, to)
}

/// How long it is waited for a program that has the file open, and the longest pause between two attempts. Scanners and
/// indexers look at each new file, for some milliseconds.
#[cfg(windows)]
const PATIENCE: (std::time::Duration, std::time::Duration) = (
    std::time::Duration::from_secs(1),
    std::time::Duration::from_millis(50),
);

/// A file that another program has open can often not be replaced. Most have it for a moment only.
#[cfg(windows)]
pub(super) fn rename(dir: &Dir, from: &Path, to: &Path) -> io::Result<()> {
    let (start, mut pause) = (
        std::time::Instant::now(),
        std::time::Duration::from_millis(1),
    );
    loop {
        match dir.rename(from, dir, to) {
            Err(error) if crate::root::is_in_use(&error) && start.elapsed() < PATIENCE.0 => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(PATIENCE.1);
            }
            renamed => return renamed,
        }
    }
}

/// Creates a file in the directory, so that it can be renamed there. It has a name only where the system does not
/// support files without one.
pub(super) fn beside(
    dir: &Dir,
    mode: u32,
    unnamed: Unnamed,
) -> io::Result<(File, Option<PathBuf>)> {
    match unnamed(dir, mode) {
        Some(file) => Ok((file, None)),
        None => named(dir, mode),
    }
}

/// Whether the directory takes no new file. One that is there already may be writable all the same. A directory of
/// `/proc` says that it does not find the new one.
pub(super) fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotFound
            | ErrorKind::Unsupported
    )
}

/// Creates a file without a name that nobody else can read, outside of the directory: among the system's temporary
/// files, or in memory.
pub(super) fn elsewhere(size: u64) -> io::Result<File> {
    let file = tempfile::tempfile();
    #[cfg(target_os = "linux")]
    if size <= MAX_IN_MEMORY && file.is_err() {
        use rustix::fs::{MemfdFlags, memfd_create};
        return Ok(memfd_create("loopwire", MemfdFlags::CLOEXEC)?.into());
    }
    let _ = size;
    file
}

fn named(dir: &Dir, mode: u32) -> io::Result<(File, Option<PathBuf>)> {
    let name = unnamed::random_name();
    Ok((make(dir, &name, mode)?, Some(name)))
}

/// Creates a file of that name, which must not be there.
pub(super) fn make(dir: &Dir, name: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    Ok(dir.open_with(name, &options)?.into_std())
}
