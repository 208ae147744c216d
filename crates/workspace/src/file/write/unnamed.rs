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
pub(super) use elsewhere::{create, is_append_only, link};
#[cfg(target_os = "linux")]
pub(super) use linux::{create, is_append_only, link};

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File};
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use cap_std::fs::Dir;
    use rustix::fs::{
        AtFlags, CWD, Mode, OFlags, StatxAttributes, StatxFlags, linkat, openat, statx,
    };

    pub(crate) fn create(dir: &Dir, mode: u32) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = File::from(openat(dir, ".", flags, Mode::from_raw_mode(mode)).ok()?);
        // Without /proc the file could not be linked to a name later.
        let there = Path::new(&proc_path(&file)).exists();
        (there && has_umask(&file, mode)).then_some(file)
    }

    /// Whether the system has applied the umask, if the file is to have one. Linux before 5.19 forgets it where a file
    /// system has no access control lists.
    fn has_umask(file: &File, mode: u32) -> bool {
        // Nearly every umask takes a bit away, and then there is nothing more to look at.
        if mode & 0o077 == 0
            || file
                .metadata()
                .is_ok_and(|found| found.mode() & 0o777 != mode)
        {
            return true;
        }
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let umask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
        let umask = umask.and_then(|octal| u32::from_str_radix(octal.trim(), 8).ok());
        umask.is_some_and(|umask| umask & mode == 0)
    }

    /// Gives the file a name that nothing has yet.
    pub(crate) fn link(dir: &Dir, file: &File, name: &Path) -> io::Result<()> {
        linkat(CWD, proc_path(file), dir, name, AtFlags::SYMLINK_FOLLOW)?;
        Ok(())
    }

    /// Whether names can be added to the directory, but not removed (`chattr +a`).
    pub(crate) fn is_append_only(dir: &Dir) -> bool {
        statx(dir, "", AtFlags::EMPTY_PATH, StatxFlags::TYPE)
            .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::APPEND))
    }

    fn proc_path(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use cap_std::fs::Dir;

    pub(crate) fn create(_: &Dir, _: u32) -> Option<File> {
        None
    }

    pub(crate) fn is_append_only(_: &Dir) -> bool {
        false
    }

    pub(crate) fn link(_: &Dir, _: &File, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
