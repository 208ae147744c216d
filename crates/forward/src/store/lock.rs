//! The lock on a directory of saved data: one holder, which the next one is told of.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::StoreError;

/// The lock's file. It stays when the lock is released: removing it could take it from under a new holder.
const NAME: &str = "loopwire.lock";

/// How often a held lock is tried before its holder is believed, 10 ms apart. The system needs a moment to free one
/// whose holder was killed, above all if that was just starting a program, which shares the descriptor until it runs;
/// and a holder writes its process id right after it got the lock. Only who is refused waits for all of them.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// The largest process id has ten digits; what is longer was not written by us.
const MAX_PID_DIGITS: u64 = 10;

/// A held lock. It belongs to this handle, not to the process: two stores of one process exclude each other too.
/// The system frees it with the last descriptor, so a holder that died, however, holds nothing.
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
        // Not truncated: until the lock is ours, the text is the holder's.
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, super::permissions::MODE);
        let mut file = options.open(&path).map_err(StoreError::io("open", &path))?;
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
            // Windows lets nobody read a locked file: the holder cannot be told there.
            pid: signature(&mut file),
        })
    }

    /// Whether the file that is locked is still the one that others would lock. It is not when the directory was
    /// deleted and made anew: then somebody else may hold the new one.
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
        // An open file cannot be deleted elsewhere.
        #[cfg(not(unix))]
        true
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // So that nobody reads a process id that holds nothing. What fails here leaves at worst a wrong hint.
        let _ = self.file.set_len(0);
        // Closing would not do: a child that this process is just starting shares the descriptor until it has
        // executed its program.
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
