//! What has to be done to get from the files that are there to those of a snapshot.

use crate::snapshot::permissions::of_directory;
use crate::snapshot::scan::{Entry, Index, Place};
use crate::snapshot::system::{SETTABLE, SETTABLE_OF_DIRECTORIES};

/// What has to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Files that are there and are not in the snapshot.
    pub(super) deleted: Vec<Place>,
    /// Directories that are there and are not in the snapshot.
    pub(super) removed: Vec<usize>,
    /// Directories of the snapshot that are not there.
    pub(super) made: Vec<usize>,
    /// Files of the snapshot that are not there, or have other contents.
    pub(super) written: Vec<Place>,
    /// Files of the snapshot that only have other permissions.
    pub(super) permissions: Vec<Place>,
    /// Directories of the snapshot that have other permissions.
    pub(super) directories: Vec<usize>,
}

impl Plan {
    /// From `now` to `target`.
    pub(super) fn new(now: &Index, target: &Index) -> Self {
        let mut plan = Self::default();
        for (at, directory) in now.directories.iter().enumerate() {
            let kept = target.directory(&directory.path);
            if kept.is_none() {
                plan.removed.push(at);
            }
            for (number, entry) in directory.entries.iter().enumerate() {
                let name = directory.name(entry);
                if kept.is_none_or(|kept| kept.entry(name).is_none()) {
                    plan.deleted.push((at, number));
                }
            }
        }
        for (at, directory) in target.directories.iter().enumerate() {
            let old = now.directory(&directory.path);
            match old {
                None => plan.made.push(at),
                Some(old)
                    if differ(
                        of_directory(old),
                        of_directory(directory),
                        SETTABLE_OF_DIRECTORIES,
                    ) && !directory.path.is_empty() =>
                {
                    plan.directories.push(at);
                }
                Some(_) => {}
            }
            for (number, entry) in directory.entries.iter().enumerate() {
                let old = old.and_then(|old| old.entry(directory.name(entry)));
                match old {
                    Some(old) if has_contents(old, entry) => {
                        let permissions = entry.stamp.permissions();
                        let other = differ(old.stamp.permissions(), permissions, SETTABLE);
                        if !entry.stamp.is_link() && other {
                            plan.permissions.push((at, number));
                        }
                    }
                    _ => plan.written.push((at, number)),
                }
            }
        }
        plan
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn has_contents(old: &Entry, new: &Entry) -> bool {
    old.object == new.object && old.stamp.is_link() == new.stamp.is_link()
}

/// Whether permissions differ in what the system can set.
const fn differ(one: u32, other: u32, settable: u32) -> bool {
    (one ^ other) & settable != 0
}
