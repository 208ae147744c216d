//! The private directory of an operation: the program that git and ssh ask, the pipe behind it, a private key.
//!
//! Nobody but this user can enter it, and it is locked as long as its owner lives. A process that was killed leaves it
//! behind; the next one finds it without a lock and removes it.

use std::ffi::CString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use rustix::fs::{Access, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::super::auth::Secret;

const SCRIPT: &str = include_str!("script.sh");

/// What the names of all such directories begin with.
const PREFIX: &str = "loopwire-askpass-";

/// The random part of the name, which nobody can guess.
const RANDOM_BYTES: usize = 12;

/// How many directories that were left behind are removed at a time, so that an operation never waits long for it.
const MAX_SWEPT: usize = 64;

/// How old a directory without a lock must be to be one that was left behind. A younger one may be locked in a moment.
const MIN_AGE: Duration = Duration::from_secs(60);

/// Where a directory may be made, the best first: the first one is in memory and ends with the user's session.
fn places() -> impl Iterator<Item = PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute());
    runtime.into_iter().chain([std::env::temp_dir()])
}

/// A private directory. Dropping it removes it.
#[derive(Debug)]
pub(super) struct PrivateDirectory {
    path: PathBuf,
    /// Held open with its lock.
    _lock: OwnedFd,
}

impl PrivateDirectory {
    /// Makes one with the program and the pipe in it.
    ///
    /// # Errors
    /// The last place's.
    pub(super) fn new() -> io::Result<Self> {
        let mut failed = io::Error::from(io::ErrorKind::NotFound);
        for place in places() {
            sweep(&place);
            match Self::within(&place) {
                Ok(directory) => return Ok(directory),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn within(place: &Path) -> io::Result<Self> {
        let random: [u8; RANDOM_BYTES] = rand::random();
        let path = place.join(format!("{PREFIX}{}", HEXLOWER.encode(&random)));
        DirBuilder::new().mode(0o700).create(&path)?;
        let lock = match open(&path).and_then(|opened| lock(&opened).map(|()| opened)) {
            Ok(lock) => lock,
            Err(error) => {
                let _ = fs::remove_dir(&path);
                return Err(error.into());
            }
        };
        let directory = Self { path, _lock: lock };
        directory.write("askpass", 0o700, SCRIPT.as_bytes())?;
        // Some systems run no programs from their temporary directories.
        rustix::fs::access(directory.program(), Access::EXEC_OK)?;
        make_fifo(&directory.ask())?;
        Ok(directory)
    }

    fn write(&self, name: &str, mode: u32, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode);
        let mut file: File = options.open(self.path.join(name))?;
        file.write_all(bytes)
    }

    /// Writes a private key, which ssh takes from a file only, and only from one that nobody else may read.
    pub(super) fn write_key(&self, key: &Secret) -> io::Result<PathBuf> {
        // A key that was pasted has lost its last line end or has those of Windows; OpenSSH reads neither.
        let mut text = key.expose().replace("\r\n", "\n");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.write("key", 0o600, text.as_bytes())?;
        Ok(self.path.join("key"))
    }

    /// The program that git and ssh run.
    pub(super) fn program(&self) -> PathBuf {
        self.path.join("askpass")
    }

    /// The pipe in which the program says its process id.
    pub(super) fn ask(&self) -> PathBuf {
        self.path.join("ask")
    }

    /// The pipe that carries the answer to this run of the program.
    pub(super) fn answer(&self, run: u32) -> PathBuf {
        self.path.join(run.to_string())
    }

    /// The file with the question of this run.
    pub(super) fn question(&self, run: u32) -> PathBuf {
        self.path.join(format!("{run}.question"))
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, "the private directory of a git operation could not be removed");
        }
    }
}

/// Makes a FIFO. rustix cannot do that on macOS.
fn make_fifo(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path ends with NUL, and the call keeps nothing.
    #[expect(unsafe_code, reason = "rustix has no such call on every system")]
    let made = unsafe { libc::mkfifo(path.as_ptr(), 0o600) };
    match made {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn open(path: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
}

fn lock(directory: &OwnedFd) -> rustix::io::Result<()> {
    rustix::fs::flock(directory, FlockOperation::NonBlockingLockExclusive)
}

/// Removes directories whose owner was killed. What cannot be looked at stays: somebody may need it.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    let ours = |entry: &fs::DirEntry| entry.file_name().as_bytes().starts_with(PREFIX.as_bytes());
    for entry in entries.flatten().filter(ours).take(MAX_SWEPT) {
        let path = entry.path();
        let Ok(found) = open(&path) else { continue };
        let owner = File::from(found);
        let was_left = owner.metadata().is_ok_and(|it| {
            let age = it.modified().map(|at| at.elapsed().unwrap_or_default());
            it.uid() == rustix::process::geteuid().as_raw() && age.is_ok_and(|age| age >= MIN_AGE)
        });
        let found = OwnedFd::from(owner);
        if was_left && lock(&found) != Err(Errno::WOULDBLOCK) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_for_this_user_alone_and_goes_with_its_owner() {
        let place = tempfile::tempdir().unwrap();
        let directory = PrivateDirectory::within(place.path()).unwrap();
        let path = directory.path.clone();
        let key = directory
            .write_key(&"-----BEGIN\r\nkey".to_owned().into())
            .unwrap();
        assert_eq!(fs::read_to_string(&key).unwrap(), "-----BEGIN\nkey\n");
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&path), mode(&key)), (0o700, 0o600));
        assert_eq!(
            (mode(&directory.ask()), mode(&directory.program())),
            (0o600, 0o700)
        );
        sweep(place.path());
        assert!(path.exists(), "its owner lives");
        drop(directory);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_killed_owner_left_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let left = PrivateDirectory::within(place.path()).unwrap();
        let path = left.path.clone();
        // As a kill does: the lock goes, the directory stays.
        let twin = place.path().join("other");
        fs::rename(&path, &twin).unwrap();
        drop(left);
        fs::rename(&twin, &path).unwrap();
        sweep(place.path());
        assert!(path.exists(), "its owner may be about to lock it");
        let long_ago = std::time::SystemTime::now() - MIN_AGE;
        File::open(&path).unwrap().set_modified(long_ago).unwrap();
        fs::create_dir(place.path().join("loopwire-other")).unwrap();
        std::os::unix::fs::symlink(
            place.path().join("loopwire-other"),
            place.path().join("loopwire-askpass-link"),
        )
        .unwrap();
        sweep(place.path());
        assert!(!path.exists());
        assert!(place.path().join("loopwire-other").exists());
    }
}
