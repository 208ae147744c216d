//! What kind of thing a name leads to, by its attributes and its reparse tag.

use windows_sys::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_DEVICE, FILE_ATTRIBUTE_DIRECTORY};

/// The part of a mode that has the type, as in git's trees and on Unix.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// What stands in a snapshot for files, files that are read-only, directories and links.
pub(super) const OF_FILE: u32 = 0o644;
pub(super) const READ_ONLY: u32 = 0o444;
pub(super) const OF_DIRECTORY: u32 = 0o755;
pub(super) const OF_LINK: u32 = 0o777;

/// The tag of a link.
pub(super) const LINK_TAG: u32 = 0xa000_000c;

/// Set in a tag whose file stands for another one: links, junctions, and the links of other systems.
const SURROGATE: u32 = 0x2000_0000;

/// What has contents that no program reads as those of a file: an alias of an application, and the sockets, pipes and devices
/// of the Linux in Windows.
const SPECIAL: [u32; 5] = [
    0x8000_001b,
    0x8000_0023,
    0x8000_0024,
    0x8000_0025,
    0x8000_0026,
];

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileType {
    RegularFile,
    Directory,
    Symlink,
    /// A junction, or something else that is neither a file nor a link.
    Unknown,
}

impl FileType {
    /// The type in a mode.
    pub(crate) const fn from_raw_mode(mode: u32) -> Self {
        match mode & TYPE {
            REGULAR => Self::RegularFile,
            DIRECTORY => Self::Directory,
            LINK => Self::Symlink,
            _ => Self::Unknown,
        }
    }

    /// The same the other way round.
    pub(super) const fn mode(self) -> u32 {
        match self {
            Self::RegularFile => REGULAR,
            Self::Directory => DIRECTORY,
            Self::Symlink => LINK,
            Self::Unknown => 0,
        }
    }

    /// By what the system says. `tag` is 0 for what is no reparse point. A file in a cloud, or one that is stored only
    /// once, is a reparse point, too, and a file nevertheless.
    pub(super) fn of(attributes: u32, tag: u32) -> Self {
        if tag == LINK_TAG {
            return Self::Symlink;
        }
        let special = tag & SURROGATE != 0 || SPECIAL.contains(&tag);
        if special || attributes & FILE_ATTRIBUTE_DEVICE != 0 {
            return Self::Unknown;
        }
        match attributes & FILE_ATTRIBUTE_DIRECTORY {
            0 => Self::RegularFile,
            _ => Self::Directory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_junction_is_no_directory_and_a_file_in_a_cloud_is_a_file() {
        let directory = FILE_ATTRIBUTE_DIRECTORY;
        for (attributes, tag, expected) in [
            (0x20, 0, FileType::RegularFile),
            (directory, 0, FileType::Directory),
            (0x20, LINK_TAG, FileType::Symlink),
            (directory, LINK_TAG, FileType::Symlink),
            (directory, 0xa000_0003, FileType::Unknown),
            (0x20, 0x8000_0023, FileType::Unknown),
            (0x20, 0x9000_001a, FileType::RegularFile),
            (directory, 0x9000_001a, FileType::Directory),
        ] {
            let found = FileType::of(attributes, tag);
            assert_eq!(found, expected, "{tag:x}");
            assert_eq!(FileType::from_raw_mode(found.mode() | 0o644), found);
        }
    }
}
