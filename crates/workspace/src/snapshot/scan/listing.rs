//! Looks at one directory.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, fstat, statat};
use rustix::io::{Errno, Result};

use crate::snapshot::shapes::Reason;

use super::index::{Directory, join};
use super::left_out::LeftOut;
use super::rules::{RULES, Rules, Verdict};
use super::stamp::Stamp;

/// The longest path, as the system has it for one call.
const MAX_PATH_BYTES: usize = 4096;

/// The deepest directory. Programs that go down one call for each level, git among them, end somewhere.
const MAX_DEPTH: usize = 1000;

/// A link with this name makes git refuse the whole tree: it would be read through the link.
const MODULES: &[u8] = b".gitmodules";

/// What is in a directory.
pub(super) struct Listing {
    /// With stamps of the files, and no objects yet.
    pub(super) directory: Directory,
    /// The directories in it that a snapshot holds.
    pub(super) directories: Vec<Vec<u8>>,
    /// The rules that hold in them.
    pub(super) rules: Arc<Rules>,
    /// What is left out.
    pub(super) skipped: LeftOut,
}

/// Looks at the directory `opened`, which has this path.
pub(super) fn list(
    opened: &OwnedFd,
    path: Vec<u8>,
    rules: &Arc<Rules>,
    max_bytes: u64,
) -> Result<Listing> {
    let mode = Stamp::of(&fstat(opened)?).mode;
    let mut names = Vec::new();
    let mut rules = Arc::clone(rules);
    for entry in Dir::read_from(opened)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == RULES {
            rules = rules.with(opened, &path);
        }
        if !matches!(name, b"." | b"..") {
            names.push((name.to_vec(), entry.file_type()));
        }
    }
    let mut listing = Listing {
        directory: Directory {
            path,
            mode,
            ..Directory::default()
        },
        directories: Vec::new(),
        rules,
        skipped: LeftOut::default(),
    };
    for (name, kind) in names {
        listing.add(opened.as_fd(), &name, kind, max_bytes)?;
    }
    listing.directory.sort();
    Ok(listing)
}

impl Listing {
    fn add(
        &mut self,
        opened: impl AsFd,
        name: &[u8],
        mut kind: FileType,
        max_bytes: u64,
    ) -> Result<()> {
        let path = join(&self.directory.path, name);
        // Not every file system tells the type with the name.
        let mut stamp = None;
        if kind != FileType::Directory {
            stamp = match statat(opened, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => Some(Stamp::of(&stat)),
                // It was deleted meanwhile.
                Err(Errno::NOENT) => return Ok(()),
                Err(Errno::ACCESS) => None,
                Err(error) => return Err(error),
            };
            kind = stamp.map_or(kind, |stamp| stamp.file_type());
        }
        let is_directory = kind == FileType::Directory;
        match self.rules.verdict(&path, name, is_directory) {
            Verdict::Held => {}
            Verdict::Never => return Ok(()),
            left_out => {
                let reason = match left_out {
                    Verdict::Ignored => Reason::Ignored,
                    _ => Reason::Special,
                };
                self.skipped.add(path, reason);
                return Ok(());
            }
        }
        let depth = path.iter().filter(|byte| **byte == b'/').count();
        if path.len() > MAX_PATH_BYTES || depth > MAX_DEPTH {
            self.skipped.add(path, Reason::Unreadable);
            return Ok(());
        }
        if is_directory {
            self.directories.push(path);
            return Ok(());
        }
        let Some(stamp) = stamp else {
            self.skipped.add(path, Reason::Unreadable);
            return Ok(());
        };
        match kind {
            FileType::RegularFile if stamp.size > max_bytes => {
                self.skipped.add(path, Reason::TooLarge);
            }
            FileType::Symlink if name.eq_ignore_ascii_case(MODULES) => {
                self.skipped.add(path, Reason::Special);
            }
            FileType::RegularFile | FileType::Symlink => self.directory.add(name, stamp, None),
            _ => self.skipped.add(path, Reason::Special),
        }
        Ok(())
    }
}
