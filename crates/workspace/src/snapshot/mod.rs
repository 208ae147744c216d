//! Snapshots: all files of the workspace as a commit in a private repository, and going back to one.

mod error;
mod format;
mod history;
mod permissions;
mod progress;
mod records;
mod restore;
mod run;
mod scan;
mod service;
mod shapes;
mod snapshots;
mod store;
mod system;
mod take;
mod work;

pub use records::{
    Change, ChangeType, Diff, Keep, MAX_CHANGES, MAX_LISTED, SnapshotEntry, SnapshotOrder,
};
pub use run::SnapshotRun;
pub use shapes::{Created, Kind, Phase, Reason, Restored, Skipped, SkippedFiles, SnapshotProgress};
pub use snapshots::Snapshots;
