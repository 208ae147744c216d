//! The types of a snapshot that are the same on every system.

use std::time::Duration;

/// What an operation is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for its turn.
    Waiting,
    /// It looks at the files of the workspace.
    Scanning,
    /// It stores the files that have changed.
    Storing,
    /// It reads the snapshot's files. The workspace's files are as they were.
    Reading,
    /// It replaces the workspace's files.
    Replacing,
}

impl Phase {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scanning => "scanning",
            Self::Storing => "storing",
            Self::Reading => "reading",
            Self::Replacing => "replacing",
        }
    }
}

/// How far an operation is. Told at most ten times a second, and once when a phase begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotProgress {
    /// What it is doing.
    pub phase: Phase,
    /// The files that are done in this phase.
    pub done: u64,
    /// The files of this phase; 0 while that is not known.
    pub total: u64,
    /// The bytes of the files that are done.
    pub bytes: u64,
}

/// Why a file is not in a snapshot, or was not restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A rule of a `.gitignore` file, or a default rule such as that for `node_modules`.
    Ignored,
    /// It is larger than the limit.
    TooLarge,
    /// It is a pipe, a socket or a device.
    Special,
    /// The system did not let us read it.
    Unreadable,
    /// It was changed while it was read: the snapshot may hold a mixture. Or, in a restore: it was changed after the
    /// safety snapshot, so it was left as it is.
    Changed,
    /// In a restore: something that no snapshot holds is in its place, and was left as it is.
    InTheWay,
    /// In a restore: the system did not let us write it.
    Unwritable,
}

impl Reason {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::TooLarge => "tooLarge",
            Self::Special => "special",
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
            Self::InTheWay => "inTheWay",
            Self::Unwritable => "unwritable",
        }
    }
}

/// A file or a directory that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path relative to the root, in the bytes of the system.
    pub path: Vec<u8>,
    /// Why.
    pub reason: Reason,
}

/// What was left out. Of a directory that was left out only itself is named, not what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkippedFiles {
    /// How many, also those that are not listed.
    pub count: u64,
    /// The first of them, at most [`SkippedFiles::MAX_LISTED`], sorted by reason with the ignored ones last, and by
    /// path.
    pub listed: Vec<Skipped>,
}

impl SkippedFiles {
    /// How many are listed: enough to see what is going on, and small enough for one message.
    pub const MAX_LISTED: usize = 1000;
}

/// How a snapshot came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody asked for it.
    Manual,
    /// Taken before a restore.
    Safety,
}

impl Kind {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Safety => "safety",
        }
    }
}

/// A snapshot that was taken, and is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Names the snapshot.
    pub commit_hash: String,
    /// Whether the store had no snapshot before.
    pub is_first: bool,
    /// The number of files and links that it holds.
    pub files: u64,
    /// The bytes of them.
    pub bytes: u64,
    /// The number of files and links that were stored because they differ from the snapshot before.
    pub changed: u64,
    /// What it does not hold.
    pub skipped: SkippedFiles,
    /// How long it took.
    pub duration: Duration,
}

/// A snapshot that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The snapshot whose files the workspace has now.
    pub commit_hash: String,
    /// The snapshot with the files that the workspace had before.
    pub safety_commit: String,
    /// The number of files and links that were written, or got other permissions.
    pub written: u64,
    /// The number of files and links that were deleted.
    pub deleted: u64,
    /// How long it took, the safety snapshot included.
    pub duration: Duration,
}
