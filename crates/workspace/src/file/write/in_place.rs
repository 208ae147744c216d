//! Writing into the file that is there, where it cannot be replaced and keep what it had.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use loopwire_channel::CommandError;

use crate::file::error::torn;
use crate::file::turns::Turns;
use crate::root::{Identity, Location, contents_refusal, is_in_use, not_a_file, refusal};

use super::sync::sync;

/// Whether the error of a rename means that the file must stay where it is: it is a mount point, the directory is
/// append-only, the directory is sticky and both belong to somebody else, or the file system cannot rename.
pub(super) fn is_needed(error: &io::Error) -> bool {
    // Windows: somebody has it open who lets others write it, but not replace it.
    is_in_use(error)
        || matches!(
            error.kind(),
            ErrorKind::PermissionDenied
                | ErrorKind::ResourceBusy
                | ErrorKind::CrossesDevices
                | ErrorKind::Unsupported
        )
}

/// Copies the complete contents into the file. Until the first byte was written, an error leaves the file as it was.
pub(super) fn write(
    location: &Location,
    contents: &mut (impl Read + Seek),
    size: u64,
    asked: Option<u32>,
    turns: &Turns,
) -> Result<(), CommandError> {
    let mut file = open(location).map_err(|error| refusal(&error))?;
    let metadata = file.metadata().map_err(|error| refusal(&error))?;
    if !metadata.is_file() {
        return Err(not_a_file());
    }
    let _turn = turns.take(Identity::of(&metadata));
    // The write before may have changed its size and its mode.
    let metadata = file.metadata().map_err(|error| refusal(&error))?;
    reserve(&file, size, metadata.len()).map_err(|error| refusal(&error))?;
    let mode = Mode::begin(&file, asked).map_err(|error| refusal(&error))?;
    let copied = (contents.seek(SeekFrom::Start(0)))
        .and_then(|_| io::copy(contents, &mut file))
        .and_then(|_| file.set_len(size))
        .and_then(|()| mode.end(&file))
        .and_then(|()| sync(&file));
    let Err(error) = copied else {
        return Ok(());
    };
    let why = contents_refusal(&error).during("write");
    let untouched = file.stream_position().is_ok_and(|written| written == 0)
        && (file.metadata()).is_ok_and(|now| now.len() == metadata.len());
    Err(if untouched { why } else { torn(&why) })
}

#[cfg(unix)]
fn open(location: &Location) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, openat};
    // It may have been replaced by a link, a FIFO or a terminal meanwhile.
    let flags =
        OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(openat(&location.dir, &location.name, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(location: &Location) -> io::Result<File> {
    let mut options = cap_std::fs::OpenOptions::new();
    let file = location
        .dir
        .open_with(&location.name, options.write(true))?;
    Ok(file.into_std())
}

/// Reserves the space that the new contents need, so that a full disk is found before anything changes. Where the
/// system cannot reserve it, writing finds out.
#[cfg(target_os = "linux")]
fn reserve(file: &File, size: u64, old_size: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    if size == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, size) {
        Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => {
            // Gives back what was reserved behind the end.
            file.set_len(old_size)?;
            Err(error.into())
        }
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_: &File, _: u64, _: u64) -> io::Result<()> {
    Ok(())
}

/// The mode while the file is written, and afterwards.
struct Mode {
    #[cfg(unix)]
    now: u32,
    #[cfg(unix)]
    end: u32,
}

#[cfg(unix)]
impl Mode {
    /// Takes away what the new contents must not have: the bits of a program that runs as its owner, and whatever
    /// `asked` does not contain. Nobody may read them with a right that only the old ones had.
    fn begin(file: &File, asked: Option<u32>) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let old = file.metadata()?.mode() & 0o7777;
        let end = asked.unwrap_or(old & super::keep::KEPT_MODE);
        let now = old & end;
        match Self::set(file, old, now) {
            // Not the owner. Then the kernel takes the same bits away when it writes.
            Err(error) if asked.is_none() => {
                tracing::debug!(%error, "the mode of a file could not be changed");
                Ok(Self { now: end, end })
            }
            // Found out now, rather than when the contents have changed.
            Ok(()) if now == old && now != end => {
                Self::set(file, end, old)?;
                Ok(Self { now, end })
            }
            result => result.map(|()| Self { now, end }),
        }
    }

    fn end(&self, file: &File) -> io::Result<()> {
        Self::set(file, self.now, self.end)
    }

    fn set(file: &File, from: u32, to: u32) -> io::Result<()> {
        use rustix::fs::{Mode, fchmod};
        if from != to {
            fchmod(file, Mode::from_raw_mode(to as _))?;
        }
        Ok(())
    }
}

#[cfg(not(unix))]
impl Mode {
    fn begin(_: &File, _: Option<u32>) -> io::Result<Self> {
        Ok(Self {})
    }

    fn end(&self, _: &File) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::fs;
    use std::io::Cursor;

    use crate::root::Root;

    use super::*;

    /// Gives some bytes, and then an error.
    struct Failing(Cursor<&'static [u8]>);

    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(ErrorKind::StorageFull.into()),
                count => Ok(count),
            }
        }
    }

    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_failure_says_whether_the_file_may_be_torn() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x");
        let root = Root::open(dir.path()).unwrap();
        for (given, code, left) in [
            ("", "NO_SPACE", "old text"),
            ("new", "FILE_TORN", "new text"),
        ] {
            fs::write(&file, "old text").unwrap();
            let mut contents = Failing(Cursor::new(given.as_bytes()));
            let location = root.locate("x").unwrap();
            let refusal = write(&location, &mut contents, 10, None, &Turns::default()).unwrap_err();
            assert_eq!(refusal.code, code);
            assert_eq!(fs::read_to_string(&file).unwrap(), left);
        }
        // What is no file is left alone.
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("y", &file).unwrap();
        let location = Location {
            dir: root.locate("z").unwrap().dir,
            name: "x".into(),
        };
        assert!(
            write(
                &location,
                &mut Cursor::new(b"new"),
                3,
                None,
                &Turns::default()
            )
            .is_err()
        );
        assert!(!dir.path().join("y").exists());
    }
}
