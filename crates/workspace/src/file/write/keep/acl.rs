//! POSIX access control lists, as Linux has them in an extended attribute: a version, then entries of a tag, a
//! permission and an id.

use std::fs::File;
use std::io::{self, ErrorKind};

use rustix::fs::{XattrFlags, fremovexattr, fsetxattr};
use rustix::io::Errno;

use super::attributes::{self, ACCESS_LIST};
use super::existing::Existing;

const VERSION_BYTES: usize = 4;
const ENTRY_BYTES: usize = 8;

const OWNER: u16 = 0x01;
const OWNING_GROUP: u16 = 0x04;
const MASK: u16 = 0x10;
const OTHER: u16 = 0x20;

/// Gives the file the list of the old one, or none. In the same step it gets the permissions of `mode`, as `chmod`
/// would change the list: set one after the other, somebody would have more rights for a moment.
pub(super) fn keep(file: &File, old: &Existing, mode: u32) -> io::Result<()> {
    match attributes::get(old, ACCESS_LIST)? {
        Some(mut list) => {
            set_mode(&mut list, mode)?;
            Ok(fsetxattr(file, ACCESS_LIST, &list, XattrFlags::empty())?)
        }
        // From its directory the file may have entries that the old one does not have.
        None => match fremovexattr(file, ACCESS_LIST) {
            Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(()),
            Err(error) => Err(error.into()),
        },
    }
}

/// Changes a list as `chmod` does: the bits of the group are the mask, if there is one.
fn set_mode(list: &mut [u8], mode: u32) -> io::Result<()> {
    let malformed = || io::Error::from(ErrorKind::InvalidData);
    let entries = list.get_mut(VERSION_BYTES..).ok_or_else(malformed)?;
    let (entries, []) = entries.as_chunks_mut::<ENTRY_BYTES>() else {
        return Err(malformed());
    };
    let tag = |entry: &[u8; ENTRY_BYTES]| u16::from_le_bytes([entry[0], entry[1]]);
    let group = match entries.iter().any(|entry| tag(entry) == MASK) {
        true => MASK,
        false => OWNING_GROUP,
    };
    for entry in entries {
        let shift = match tag(entry) {
            OWNER => 6,
            tag if tag == group => 3,
            OTHER => 0,
            _ => continue,
        };
        // Three bits, so the upper byte is zero.
        entry[2] = u8::try_from(mode >> shift & 0o7).map_err(|_| malformed())?;
        entry[3] = 0;
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, permission, id) in entries {
            list.extend(tag.to_le_bytes());
            list.extend(permission.to_le_bytes());
            list.extend(id.to_le_bytes());
        }
        list
    }

    const NAMED: u16 = 0x02;
    const NO_ID: u32 = u32::MAX;

    #[test]
    fn a_mode_changes_the_mask_and_leaves_the_entries_of_others() {
        let entries = |mask, owner, other| {
            list(&[
                (OWNER, owner, NO_ID),
                (NAMED, 6, 1234),
                (OWNING_GROUP, 4, NO_ID),
                (MASK, mask, NO_ID),
                (OTHER, other, NO_ID),
            ])
        };
        let mut changed = entries(6, 6, 0);
        set_mode(&mut changed, 0o1717).unwrap();
        assert_eq!(changed, entries(1, 7, 7));
        let mut same = entries(6, 6, 0);
        set_mode(&mut same, 0o660).unwrap();
        assert_eq!(same, entries(6, 6, 0));
    }

    #[test]
    fn without_a_mask_it_changes_the_group() {
        let entries = |bits: [u16; 3]| {
            list(&[
                (OWNER, bits[0], 0),
                (OWNING_GROUP, bits[1], 0),
                (OTHER, bits[2], 0),
            ])
        };
        let mut changed = entries([6, 4, 4]);
        set_mode(&mut changed, 0o751).unwrap();
        assert_eq!(changed, entries([7, 5, 1]));
    }

    #[test]
    fn a_list_of_another_form_is_an_error() {
        for bytes in [
            &[][..],
            &[2, 0, 0],
            &[2, 0, 0, 0, 1],
            &[2, 0, 0, 0, 1, 0, 7, 0, 0, 0, 0],
        ] {
            assert!(set_mode(&mut bytes.to_vec(), 0o644).is_err(), "{bytes:?}");
        }
    }
}
