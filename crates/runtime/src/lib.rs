//! The composition root: tokio runtime, journal and engines of one environment.

pub mod argument;
mod ending;
mod engines;
mod failure;
mod late;
mod log;
pub mod option;
mod runtime;
mod threads;
mod unstarted;
mod version;

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
    Exchange as GitExchange, Execute, Executed, Exit, FileChange, FileNotice, FileWatch, Files,
    Git, GitDone, GitProtocol, GitRequest, Ignored, Keep as SnapshotKeep, MAX_CHANGES, MAX_LISTED,
    OpenError as WorkspaceError, Operation as GitOperation, Options as WorkspaceOptions,
    Phase as GitPhase, Progress as GitProgress, Question as GitQuestion, Reader, Ready,
    Restored as SnapshotRestored, Secret, SkippedFiles, SnapshotEntry, SnapshotOrder,
    SnapshotProgress, SnapshotRun, Snapshots, Source, Spawn, Terminal, Terminals, Watch,
    WatchRequest, Watches, Workspace,
};

pub use ending::Parts;
pub use engines::event_kind;
pub use failure::{Class, Failure, Key, Outcome};
pub use log::init as init_log;
pub use runtime::{OpenListener, Runtime, RuntimeError, Settings};
pub use version::{VERSION, VERSION_INFO};
