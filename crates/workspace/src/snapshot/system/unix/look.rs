//! What is in a directory.

use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Dir, FileType, Stat, fstat, readlinkat, statat};

use super::open::Opened;
use crate::snapshot::system::refused::{Result, Why};
use crate::snapshot::system::stamp::Stamp;

const SECOND: i64 = 1_000_000_000;

/// Calls `each` with all names in the directory. Not every file system tells the type with the name.
pub(crate) fn each_name(opened: &Opened, mut each: impl FnMut(&[u8], FileType)) -> Result<()> {
    for entry in Dir::read_from(opened)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            each(name, entry.file_type());
        }
    }
    Ok(())
}

/// What is there under this name. A link is not followed.
pub(crate) fn look(opened: &Opened, name: &[u8]) -> Result<Stamp> {
    Ok(stamp(&statat(opened, name, AtFlags::SYMLINK_NOFOLLOW)?))
}

/// Whether an error of [`look`] is one of that file alone.
pub(crate) const fn is_of_one_file(why: Why) -> bool {
    matches!(why, Why::Denied)
}

/// What is known of a file that is open.
pub(crate) fn look_at(file: impl AsFd) -> Result<Stamp> {
    Ok(stamp(&fstat(file)?))
}

/// The type and the permissions of a directory.
pub(crate) fn directory_mode(opened: &Opened) -> Result<u32> {
    Ok(look_at(opened)?.mode)
}

/// Where a link leads to. The buffer's memory is used.
pub(crate) fn read_link(opened: &Opened, name: &[u8], buffer: Vec<u8>) -> Result<Vec<u8>> {
    Ok(readlinkat(opened, name, buffer)?.into_bytes())
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::useless_conversion,
    reason = "the types differ between systems"
)]
fn stamp(stat: &Stat) -> Stamp {
    let time =
        |seconds: i64, nanoseconds: i64| seconds.saturating_mul(SECOND).saturating_add(nanoseconds);
    Stamp {
        mode: stat.st_mode as u32,
        size: stat.st_size as u64,
        inode: stat.st_ino as u64,
        modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        changed: time(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
    }
}
