//! Files without a name, which Linux has on most file systems: whatever happens, nothing is left of them.

use std::path::PathBuf;

/// How the names of temporary files begin: hidden, and recognisable where a killed process has left one.
const PREFIX: &str = ".loopwire-";

/// How they end.
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
        // Its only way to a name.
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
