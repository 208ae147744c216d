//! Replaces the snapshots on systems other than Unix: every request for one is refused.

#[path = "snapshot/records.rs"]
mod records;
#[path = "snapshot/run.rs"]
mod run;
#[path = "snapshot/shapes.rs"]
mod shapes;

use loopwire_channel::{Command, CommandError};
use serde_json::Value;

use crate::context::WorkspaceContext;
use crate::options::Options;

pub use records::{
    Change, ChangeType, Diff, Keep, MAX_CHANGES, MAX_LISTED, SnapshotEntry, SnapshotOrder,
};
pub use run::SnapshotRun;
pub use shapes::{Created, Kind, Phase, Reason, Restored, Skipped, SkippedFiles, SnapshotProgress};

/// The snapshots of a workspace, of which there are none.
#[derive(Clone, Debug)]
pub struct Snapshots;

fn refusal() -> CommandError {
    CommandError::new(
        "NOT_ENABLED",
        "this version has no snapshots on this system",
    )
}

impl Snapshots {
    /// No snapshots.
    #[must_use]
    pub(crate) fn new(_context: WorkspaceContext, _options: &Options) -> Self {
        Self
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn create(
        &self,
        _message: Option<String>,
        _progress: impl Fn(SnapshotProgress) + Send + Sync + 'static,
    ) -> Result<Created, CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn restore(
        &self,
        _commit_hash: &str,
        _progress: impl Fn(SnapshotProgress) + Send + Sync + 'static,
    ) -> Result<Restored, CommandError> {
        Err(refusal())
    }

    /// Refuses a command.
    pub fn command(&self, command: Command) {
        let refusal = refusal();
        command.refuse(&refusal.code, &refusal.message);
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn create_with(
        &self,
        _order: SnapshotOrder,
        _run: &SnapshotRun,
    ) -> Result<(Created, usize), CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn restore_with(
        &self,
        _commit_hash: &str,
        _id: Option<&Value>,
        _run: &SnapshotRun,
    ) -> Result<Restored, CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn list(&self, _limit: Option<usize>) -> Result<Vec<SnapshotEntry>, CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn diff(
        &self,
        _from: &str,
        _to: Option<&str>,
        _limit: Option<usize>,
    ) -> Result<Diff, CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn delete(&self, _commit_hash: &str) -> Result<(), CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn diff_with(
        &self,
        _from: &str,
        _to: Option<&str>,
        _limit: Option<usize>,
        _run: &SnapshotRun,
    ) -> Result<Diff, CommandError> {
        Err(refusal())
    }

    /// Refuses.
    ///
    /// # Errors
    /// `NOT_ENABLED`.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn delete_with(
        &self,
        _commit_hash: &str,
        _run: &SnapshotRun,
    ) -> Result<(), CommandError> {
        Err(refusal())
    }

    /// Has nothing to end.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub async fn close(&self) {}

    /// Has nothing to end.
    pub const fn kill(&self) {}
}
