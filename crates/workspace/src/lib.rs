//! The workspace engine: a directory that clients drive over the channel. Terminals, file transfer, watching, git and
//! snapshots.

mod binary;
mod closed;
mod context;
mod execute;
mod file;
mod git;
mod options;
mod process;
mod root;
mod shapes;
mod snapshot;
mod spec;
mod terminal;
mod watch;
mod watcher;
mod workspace;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use closed::Closed;
pub use execute::{Execute, Executed};
pub use file::{Done, Files};
pub use git::{
    Action, Answer, Asker, Auth, Exchange, Git, GitDone, GitRequest, MAX_ANSWER_BYTES, Operation,
    Phase, Progress, Question, QuestionKind, Secret,
};
pub use options::{GitProtocol, Options, Watch};
pub use root::{Directory, Root};
pub use shapes::{Chunk, Exit, Source, Spawn};
pub use snapshot::{
    Change, ChangeType, Created, Diff, Keep, Kind as SnapshotKind, MAX_CHANGES, MAX_LISTED,
    Phase as SnapshotPhase, Reason, Restored, Skipped, SkippedFiles, SnapshotEntry, SnapshotOrder,
    SnapshotProgress, SnapshotRun, Snapshots,
};
pub use spec::SPEC;
pub use terminal::{Reader, Terminal, Terminals};
pub use watch::{FileChange, FileNotice, FileWatch, Ignored, Ready, WatchRequest, Watches};
pub use workspace::{OpenError, Workspace};
