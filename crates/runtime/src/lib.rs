//! The composition root: tokio runtime, journal and engines of one environment.

mod ending;
mod engines;
mod late;
mod log;
mod runtime;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use loopwire_forward::{
    Accept, Auth, Engine, ForwardError, Forwarded, OnRotate, PortInfo, Rules, Stats, Target,
    Through, UpstreamInfo, Wanted,
};

pub use loopwire_workspace::{
    Change as SnapshotChange, Chunk, Created as SnapshotCreated, Diff as SnapshotDiff, Done, Exit,
    FileChange, FileNotice, FileWatch, Files, Ignored, Keep as SnapshotKeep, MAX_CHANGES,
    MAX_LISTED, OpenError as WorkspaceError, Options as WorkspaceOptions, Reader,
    Restored as SnapshotRestored, SkippedFiles, SnapshotEntry, SnapshotOrder, SnapshotRun,
    Snapshots, Source, Spawn, Terminal, Terminals, Watch, WatchRequest, Workspace,
};

pub use ending::Parts;
pub use engines::event_kind;
pub use log::init as init_log;
pub use runtime::{OpenListener, Runtime, RuntimeError, Settings};
