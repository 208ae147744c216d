//! The lock on a directory of saved data: one holder, whose process id is reported to others.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use loopwire_trust::open_regular_with;

use super::error::StoreError;

/// The lock file. It is not deleted on release: that could take it from a new holder.
const NAME: &str = "loopwire.lock";

/// How often a held lock is tried, 10 ms apart. The system needs a moment to free the lock of a killed process, above
/// all if it was just starting a program, which shares the descriptor until it runs; and a holder writes its process
/// id right after locking. Only a caller that is refused waits for all tries.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

#[cfg(windows)]
const FILE_SHARE_READ: u32 = 1;
#[cfg(windows)]
const FILE_SHARE_WRITE: u32 = 2;

/// The largest process id has ten digits; anything longer is not ours.
const MAX_PID_DIGITS: u64 = 10;

/// A held lock. It belongs to this handle, not to the process: two stores of one process exclude each other too. The
/// system frees it with the last descriptor, so a dead holder holds nothing.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "compared with the file on Unix")
    )]
    path: PathBuf,
}

impl Lock {
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(NAME);
        let mut options = OpenOptions::new();
        // Not truncated: until we hold the lock, the text is the holder's.
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, super::permissions::MODE);
        // While it is locked nobody can delete it, nor the directory, which could then be locked by another process: to read
        // and to write is shared, to delete is not.
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(
            &mut options,
            FILE_SHARE_READ | FILE_SHARE_WRITE,
        );
        let mut file =
            open_regular_with(&mut options, &path).map_err(StoreError::io("open", &path))?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    sign(&mut file).map_err(StoreError::io("write", &path))?;
                    return Ok(Self { file, path });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::io("lock", &path)(error));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        Err(StoreError::InUse {
            dir: dir.to_owned(),
            // On Windows a locked file cannot be read, so the holder is unknown there.
            pid: signature(&mut file),
        })
    }

    /// Whether the locked file is still the one that others would lock. It is not if the directory was deleted and
    /// created again: then another process may hold the new one.
    pub(super) fn holds(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let id = |found: std::fs::Metadata| (found.dev(), found.ino());
            match (self.file.metadata(), std::fs::metadata(&self.path)) {
                (Ok(ours), Ok(found)) => id(ours) == id(found),
                _ => false,
            }
        }
        // On Windows it was opened so that it cannot be deleted.
        #[cfg(not(unix))]
        true
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // So that no one reads a stale process id. A failure here leaves at worst a wrong hint.
        let _ = self.file.set_len(0);
        // Closing is not enough: a child that is just being started shares the descriptor until it executes its
        // program.
        let _ = self.file.unlock();
    }
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(std::process::id().to_string().as_bytes())
}

fn signature(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(MAX_PID_DIGITS).read_to_string(&mut text).ok()?;
    text.parse().ok()
}
