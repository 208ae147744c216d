//! The file that is there before a write.

use std::io::{self, ErrorKind};

use cap_std::fs::Metadata;
use loopwire_channel::CommandError;

use crate::root::{Location, not_a_file, refusal};

/// The file that is there, and may be written.
pub(crate) struct Existing {
    pub(super) metadata: Metadata,
    /// Leads to this very file, whatever takes its name meanwhile. It was opened with `O_PATH`, so nobody who watches
    /// the file or holds a lease on it notices.
    #[cfg(target_os = "linux")]
    pub(super) handle: std::fs::File,
    /// Whether a new file in its place would have all that it has.
    #[cfg(windows)]
    pub(super) usual: bool,
}

impl Location {
    /// The file that is there already and may be written, if there is one.
    pub(crate) fn existing(&self) -> Result<Option<Existing>, CommandError> {
        let existing = match self.look() {
            Ok(existing) => existing,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        if !existing.metadata.is_file() {
            return Err(not_a_file());
        }
        // A rename needs no permission on the file that it replaces. A read-only file must not be replaced
        // nevertheless.
        #[cfg(unix)]
        {
            use rustix::fs::{Access, AtFlags, accessat};
            let access = accessat(&self.dir, &self.name, Access::WRITE_OK, AtFlags::empty());
            access.map_err(|error| refusal(&error.into()))?;
        }
        #[cfg(not(unix))]
        if existing.metadata.permissions().readonly() {
            return Err(refusal(&ErrorKind::PermissionDenied.into()));
        }
        Ok(Some(existing))
    }

    #[cfg(target_os = "linux")]
    fn look(&self) -> io::Result<Existing> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = std::fs::File::from(openat(&self.dir, &self.name, flags, Mode::empty())?);
        let metadata = Metadata::from_file(&handle)?;
        Ok(Existing { metadata, handle })
    }

    #[cfg(windows)]
    fn look(&self) -> io::Result<Existing> {
        let metadata = self.dir.symlink_metadata(&self.name)?;
        // What may not be looked at is not usual. Nothing but a file is opened: a device might wait.
        let usual = metadata.is_file()
            && (self.dir.open(&self.name))
                .and_then(|file| super::rights::are_usual(&file.into_std()))
                .unwrap_or(false);
        Ok(Existing { metadata, usual })
    }

    #[cfg(not(any(target_os = "linux", windows)))]
    fn look(&self) -> io::Result<Existing> {
        let metadata = self.dir.symlink_metadata(&self.name)?;
        Ok(Existing { metadata })
    }
}
