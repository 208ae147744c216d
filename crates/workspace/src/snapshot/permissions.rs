//! What git's tree cannot hold: all permission bits, and empty directories.
//!
//! A blob of records that end with a NUL: `f 644`, `x 755` and `d 755` say which permissions files, executable files and
//! directories have, and `f 600 path` or `d 700 path` which one has other ones. Each directory without files has a record.
//! So the blob is small, and the same from snapshot to snapshot.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;

use super::scan::{Directory, Index, Stamp, split};

/// The bits of a directory that are kept: permissions, set-group-ID (files get its group) and sticky.
const OF_DIRECTORY: u32 = 0o3777;

/// The permissions of all files and directories of a snapshot.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Permissions {
    files: HashMap<Vec<u8>, u32>,
    pub(super) directories: HashMap<Vec<u8>, u32>,
    file: u32,
    executable: u32,
    directory: u32,
}

impl Permissions {
    /// Those of a file.
    pub(super) fn of_file(&self, path: &[u8], executable: bool) -> u32 {
        let usual = match executable {
            true => self.executable,
            false => self.file,
        };
        self.files.get(path).copied().unwrap_or(usual)
    }

    /// Those of a directory.
    pub(super) fn of_directory(&self, path: &[u8]) -> u32 {
        self.directories
            .get(path)
            .copied()
            .unwrap_or(self.directory)
    }

    /// Reads the blob. `None` if it is not one.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut permissions = Self::default();
        for record in bytes
            .split(|byte| *byte == 0)
            .filter(|record| !record.is_empty())
        {
            let mut parts = record.splitn(3, |byte| *byte == b' ');
            let kind = parts.next()?;
            let bits = std::str::from_utf8(parts.next()?).ok()?;
            let bits = u32::from_str_radix(bits, 8).ok()?;
            match (kind, parts.next()) {
                (b"f", None) => permissions.file = bits & 0o777,
                (b"x", None) => permissions.executable = bits & 0o777,
                (b"d", None) => permissions.directory = bits & OF_DIRECTORY,
                (b"f", Some(path)) => {
                    permissions.files.insert(path.to_vec(), bits & 0o777);
                }
                (b"d", Some(path)) => {
                    permissions
                        .directories
                        .insert(path.to_vec(), bits & OF_DIRECTORY);
                }
                _ => return None,
            }
        }
        Some(permissions)
    }
}

/// Those of a directory of an index.
pub(super) const fn of_directory(directory: &Directory) -> u32 {
    directory.mode & OF_DIRECTORY
}

/// Whether a file counts as executable, as in git.
fn is_executable(stamp: &Stamp) -> bool {
    stamp.git_mode() == 0o100_755
}

/// The blob for these files.
pub(super) fn render(index: &Index) -> Vec<u8> {
    let files = || {
        let entries = index.directories.iter().flat_map(|directory| {
            let entries = directory.entries.iter();
            entries.map(move |entry| (directory, entry))
        });
        entries.filter(|(_, entry)| !entry.stamp.is_link())
    };
    let usual_of = |executable| {
        let of_kind = files().filter(move |(_, entry)| is_executable(&entry.stamp) == executable);
        usual(of_kind.map(|(_, entry)| entry.stamp.permissions()))
    };
    let file = usual_of(false).unwrap_or(0o644);
    let executable = usual_of(true).unwrap_or(0o755);
    let directory = usual(index.directories.iter().map(of_directory)).unwrap_or(0o755);
    // Writing to memory does not fail.
    let mut blob = Vec::new();
    let _ = write!(blob, "f {file:o}\0x {executable:o}\0d {directory:o}\0");
    for (directory, entry) in files() {
        let bits = entry.stamp.permissions();
        let usual = match is_executable(&entry.stamp) {
            true => executable,
            false => file,
        };
        if bits != usual {
            let _ = write!(blob, "f {bits:o} ");
            blob.extend(directory.join(directory.name(entry)));
            blob.push(0);
        }
    }
    let with_files = with_files(index);
    for one in &index.directories {
        let bits = of_directory(one);
        // The root is there in any case, and its own permissions are not the snapshot's business.
        if !one.path.is_empty() && (bits != directory || !with_files.contains(&one.path[..])) {
            let _ = write!(blob, "d {bits:o} ");
            blob.extend_from_slice(&one.path);
            blob.push(0);
        }
    }
    blob
}

/// The directories that have a file, or a directory with one.
fn with_files(index: &Index) -> HashSet<&[u8]> {
    let mut with_files = HashSet::new();
    for directory in &index.directories {
        let mut path = &directory.path[..];
        if directory.entries.is_empty() {
            continue;
        }
        while with_files.insert(path) && !path.is_empty() {
            path = split(path).0;
        }
    }
    with_files
}

/// The permissions that most of them have.
fn usual(all: impl Iterator<Item = u32>) -> Option<u32> {
    let mut counts: HashMap<u32, u64> = HashMap::new();
    for bits in all {
        *counts.entry(bits).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(bits, count)| (*count, *bits));
    most.map(|(bits, _)| bits)
}
