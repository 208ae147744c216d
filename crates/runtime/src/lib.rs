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
    Action as GitAction, Answer as GitAnswer, Asker as GitAsker, Auth as GitAuth,
    Change as SnapshotChange, Chunk, Created as SnapshotCreated, Diff as SnapshotDiff, Done,
    Exchange as GitExchange, Exit, FileChange, FileNotice, FileWatch, Files, Git, GitDone,
    GitProtocol, GitRequest, Ignored, Keep as SnapshotKeep, MAX_CHANGES, MAX_LISTED,
    OpenError as WorkspaceError, Operation as GitOperation, Options as WorkspaceOptions,
    Phase as GitPhase, Progress as GitProgress, Reader, Restored as SnapshotRestored, Secret,
    SkippedFiles, SnapshotEntry, SnapshotOrder, SnapshotRun, Snapshots, Source, Spawn, Terminal,
    Terminals, Watch, WatchRequest, Workspace,
};

pub use ending::Parts;
pub use engines::event_kind;
pub use log::init as init_log;
pub use runtime::{OpenListener, Runtime, RuntimeError, Settings};
