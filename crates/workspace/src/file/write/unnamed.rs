//! Files without a name (`O_TMPFILE`), which Linux supports on most file systems: a crash leaves nothing of them.

use std::path::PathBuf;

/// The prefix of temporary names: hidden, and recognisable if a killed process leaves one.
const PREFIX: &str = ".loopwire-";

/// The suffix of temporary names.
const SUFFIX: &str = ".tmp";

pub(super) fn random_name() -> PathBuf {
    PathBuf::from(format!("{PREFIX}{:016x}{SUFFIX}", rand::random::<u64>()))
}

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{create, link};
#[cfg(target_os = "linux")]
pub(super) use linux::{create, link};

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    use cap_std::fs::Dir;
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};

    pub(crate) fn create(dir: &Dir, mode: u32) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = File::from(openat(dir, ".", flags, Mode::from_raw_mode(mode)).ok()?);
        // Without /proc the file could not be linked to a name later.
        Path::new(&proc_path(&file)).exists().then_some(file)
    }

    pub(crate) fn link(dir: &Dir, file: &File) -> io::Result<PathBuf> {
        let name = super::random_name();
        linkat(CWD, proc_path(file), dir, &name, AtFlags::SYMLINK_FOLLOW)?;
        Ok(name)
    }

    fn proc_path(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::fs::File;
    use std::io;
    use std::path::PathBuf;

    use cap_std::fs::Dir;

    pub(crate) fn create(_: &Dir, _: u32) -> Option<File> {
        None
    }

    pub(crate) fn link(_: &Dir, _: &File) -> io::Result<PathBuf> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
