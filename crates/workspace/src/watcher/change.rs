//! What the watcher tells.

use std::path::PathBuf;
use std::time::SystemTime;

/// One thing that the watcher tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Something changed.
    Changed(Change),
    /// The system, or a bound of ours, dropped changes. The watcher compares the whole tree, and what it finds follows
    /// as [`Notice::Changed`].
    Overflow,
    /// A part of the tree is compared at intervals from now on, because the system does not tell of it. Why, and what
    /// to do, as one sentence.
    Polling(String),
}

/// What happened to a file or a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ChangeKind {
    /// It is new. A directory that appears with its contents (moved in from outside) is followed by one of these for
    /// each thing in it.
    Created,
    /// Its contents, its modification time or its permissions changed, or another file has taken its name. Only files,
    /// links and special files are modified: a directory is not, whatever happens in it.
    Modified,
    /// It is gone. The contents of a directory come before it.
    Deleted,
    /// It has another path. A directory is followed by one of these for each thing in it.
    Renamed,
}

impl ChangeKind {
    /// What a rename is for somebody who does not see where it was before. `replaced`: something else had the path.
    pub(crate) const fn arrival(replaced: bool) -> Self {
        match replaced {
            true => Self::Modified,
            false => Self::Created,
        }
    }
}

/// A change. All paths are relative to the root; the root itself is the empty path. Names are in any bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// What happened.
    pub(crate) kind: ChangeKind,
    /// Where.
    pub(crate) path: PathBuf,
    /// For [`ChangeKind::Renamed`]: the path that it had.
    pub(crate) old_path: Option<PathBuf>,
    /// For [`ChangeKind::Renamed`]: something else had the new path before and is gone. Always false for other kinds.
    pub(crate) replaced: bool,
    /// The size in bytes. 0 for what was deleted, and for directories.
    pub(crate) size: u64,
    /// When it was seen.
    pub(crate) at: SystemTime,
    /// Whether it is (or was) a directory. A link to a directory is none.
    pub(crate) is_directory: bool,
    /// The number of components of `path` up to and including the last one that a default ignore or a `.gitignore` rule
    /// hides; 0 if none does. Then only those hear of it who have named that part, or for whom no rule holds. A rename into
    /// or out of what is hidden is told as `Deleted` and `Created` (or `Modified`), so one number is enough.
    pub(crate) hidden: usize,
}
