//! The owner and the mode of a file, and in which order it gets what the old one had.

use std::fs::File;
use std::io;

use super::existing::Existing;

/// The permissions and the sticky bit. The set-user-ID and set-group-ID bits belong to the old contents: the kernel
/// drops them, too, when a user writes a file.
#[cfg(target_os = "linux")]
pub(crate) const KEPT_MODE: u32 = 0o1777;
/// The permissions. Elsewhere only root may set the sticky bit of a file.
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) const KEPT_MODE: u32 = 0o777;

/// Gives a file what the old one had. `asked` is the mode that the client wants instead. The file must be private; at no
/// moment somebody has a right to it that the old one did not give. After an error it must not take the old one's place.
#[cfg(unix)]
pub(crate) fn keep(file: &File, old: &Existing, asked: Option<u32>) -> io::Result<()> {
    use cap_std::fs::MetadataExt;
    let mode = asked.unwrap_or(old.metadata.mode() & KEPT_MODE);
    // Attributes first: later its owner may have no right to write the file.
    #[cfg(target_os = "linux")]
    super::attributes::copy(file, old)?;
    keep_owner(file, old)?;
    #[cfg(target_os = "linux")]
    super::acl::keep(file, old, mode)?;
    set_mode(file, mode)
}

/// A new file has the rights of its directory. Where the old one has others, it has to stay.
#[cfg(not(unix))]
pub(crate) fn keep(_: &File, old: &Existing, _: Option<u32>) -> io::Result<()> {
    match old.usual {
        true => Ok(()),
        false => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Gives a new file the mode that was asked for. Otherwise it has the one that the system gave it: 0666 without the bits
/// of the umask, or what the default access control list of its directory says.
#[cfg(unix)]
pub(crate) fn new_mode(file: &File, asked: Option<u32>) -> io::Result<()> {
    match asked {
        Some(mode) => set_mode(file, mode),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
pub(crate) fn new_mode(_: &File, _: Option<u32>) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn keep_owner(file: &File, old: &Existing) -> io::Result<()> {
    use cap_std::fs::MetadataExt;
    use rustix::fs::{Gid, Mode, Uid, fchmod, fchown};
    use std::os::unix::fs::MetadataExt as _;
    let (now, old) = (file.metadata()?, &old.metadata);
    let user = (now.uid() != old.uid()).then(|| Uid::from_raw(old.uid()));
    let group = (now.gid() != old.gid()).then(|| Gid::from_raw(old.gid()));
    if user.is_some() || group.is_some() {
        // The new owner must not have more rights than before in the meantime.
        fchmod(file, Mode::from_raw_mode((old.mode() & 0o600) as _))?;
        fchown(file, user, group)?;
    }
    Ok(())
}

/// Sets the mode unless it is the right one already: not every file system can set one.
#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use rustix::fs::{Mode, fchmod};
    use std::os::unix::fs::MetadataExt;
    if file.metadata()?.mode() & 0o7777 != mode {
        fchmod(file, Mode::from_raw_mode(mode as _))?;
    }
    Ok(())
}
