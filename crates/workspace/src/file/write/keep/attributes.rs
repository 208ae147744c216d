//! Extended attributes.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use rustix::fs::{XattrFlags, fgetxattr, fsetxattr, getxattr, listxattr};
use rustix::io::Errno;

use super::existing::Existing;

/// The attribute that holds the access control list. It is not copied like the others: it is the mode, too.
pub(super) const ACCESS_LIST: &str = "system.posix_acl_access";

/// The most bytes that Linux has for all names of a file, and for one value (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const MAX_BYTES: usize = 64 << 10;

/// Attributes that belong to the old contents. The kernel itself drops the first when a file is written; the others are
/// a hash and a signature.
const OF_THE_CONTENTS: [&[u8]; 3] = [b"security.capability", b"security.ima", b"security.evm"];

/// Gives the file the attributes of the old one. Each that it cannot have is an error.
pub(super) fn copy(file: &File, old: &Existing) -> io::Result<()> {
    let mut names = vec![0; MAX_BYTES];
    let length = match listxattr(path(old), &mut names[..]) {
        // The file system has none.
        Err(Errno::OPNOTSUPP) => 0,
        length => length?,
    };
    for name in names[..length].split(|byte| *byte == 0) {
        if name.is_empty() || name == ACCESS_LIST.as_bytes() || OF_THE_CONTENTS.contains(&name) {
            continue;
        }
        // Otherwise it was removed meanwhile.
        if let Some(value) = get(old, name)? {
            // Setting what is there already can be forbidden, as with the labels of SELinux.
            let mut there = vec![0; MAX_BYTES];
            let same = fgetxattr(file, name, &mut there[..])
                .is_ok_and(|length| there[..length] == value[..]);
            if !same {
                fsetxattr(file, name, &value, XattrFlags::empty())?;
            }
        }
    }
    Ok(())
}

/// The value of an attribute, if the file has it.
pub(super) fn get<Name: rustix::path::Arg>(
    old: &Existing,
    name: Name,
) -> io::Result<Option<Vec<u8>>> {
    let mut value = vec![0; MAX_BYTES];
    match getxattr(path(old), name, &mut value[..]) {
        Ok(length) => {
            value.truncate(length);
            Ok(Some(value))
        }
        Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The calls for descriptors refuse one that was opened with `O_PATH`.
fn path(old: &Existing) -> String {
    format!("/proc/self/fd/{}", old.handle.as_raw_fd())
}
