//! Permissions. Windows has one of them, in other words: whether a file may be written. Whether it is a program is told by
//! its name.

use std::fs::File;

use super::facts;
use super::kind::FileType;
use super::open::Opened;
use crate::snapshot::system::refused::Result;

/// The permissions of files that a restore gives back.
pub(crate) const SETTABLE: u32 = 0o200;

/// Those of directories.
pub(crate) const SETTABLE_OF_DIRECTORIES: u32 = 0;

/// All permissions to write.
const WRITE: u32 = 0o222;

/// The type and permissions of a file that had others in the snapshot before, perhaps one of another system. As with
/// `core.fileMode=false`, they stay what they were, but for what the system knows.
pub(crate) fn mode_after(before: u32, now: u32) -> u32 {
    let kind = FileType::from_raw_mode(now);
    if FileType::from_raw_mode(before) != kind {
        return now;
    }
    match kind {
        FileType::RegularFile if (before ^ now) & SETTABLE != 0 => before & !WRITE | now & WRITE,
        _ => before,
    }
}

/// Nobody is kept from writing a directory by permissions that could be changed for a moment.
pub(crate) const fn loosen(_opened: &Opened) -> Result<Option<u32>> {
    Ok(None)
}

/// Directories have none.
pub(crate) const fn set_directory_mode(_opened: &Opened, _bits: u32) -> Result<()> {
    Ok(())
}

/// Makes a file read-only, or writable.
pub(crate) fn set_mode(file: &File, bits: u32) -> Result<()> {
    Ok(facts::set_read_only(file, bits & SETTABLE == 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_does_not_know_stays_as_it_was_in_the_snapshot_before() {
        for (before, now, expected) in [
            (0o100_755, 0o100_644, 0o100_755),
            (0o100_600, 0o100_644, 0o100_600),
            (0o100_755, 0o100_444, 0o100_555),
            (0o100_555, 0o100_644, 0o100_755),
            (0o120_777, 0o100_644, 0o100_644),
            (0o040_700, 0o040_755, 0o040_700),
        ] {
            assert_eq!(mode_after(before, now), expected, "{before:o} {now:o}");
        }
    }
}
