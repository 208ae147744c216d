//! Looks at one directory.

use std::sync::Arc;

use crate::snapshot::shapes::Reason;
use crate::snapshot::system::{
    FileType, Opened, Result, Why, directory_mode, each_name, is_of_one_file, look, same_name,
};

use super::index::{Directory, join};
use super::left_out::LeftOut;
use super::rules::{RULES, Rules, Verdict};

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
    opened: &Opened,
    path: Vec<u8>,
    rules: &Arc<Rules>,
    max_bytes: u64,
) -> Result<Listing> {
    let mode = directory_mode(opened)?;
    let mut names = Vec::new();
    let mut has_rules = false;
    each_name(opened, |name, kind| {
        has_rules |= same_name(name, RULES);
        names.push((name.to_vec(), kind));
    })?;
    let rules = match has_rules {
        true => rules.with(opened, &path)?,
        false => Arc::clone(rules),
    };
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
        listing.add(opened, &name, kind, max_bytes)?;
    }
    listing.directory.sort();
    Ok(listing)
}

impl Listing {
    fn add(
        &mut self,
        opened: &Opened,
        name: &[u8],
        mut kind: FileType,
        max_bytes: u64,
    ) -> Result<()> {
        let path = join(&self.directory.path, name);
        // Not every file system tells the type with the name.
        let mut stamp = None;
        if kind != FileType::Directory {
            stamp = match look(opened, name) {
                Ok(stamp) => Some(stamp),
                // It was deleted meanwhile.
                Err(error) if error.why == Why::Gone => return Ok(()),
                Err(error) if is_of_one_file(error.why) => None,
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
