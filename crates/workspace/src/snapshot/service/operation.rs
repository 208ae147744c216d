//! Taking and restoring as everybody sees it: with progress, with an event at the end, and with cleaning up.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use loopwire_channel::{CommandError, fault};
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::events::{CreatedEvent, ProgressEvent, RestoredEvent, publish};
use crate::snapshot::error::cancelled;
use crate::snapshot::history::{clean, collect, hash, packs};
use crate::snapshot::progress::Report;
use crate::snapshot::records::{Keep, SnapshotOrder};
use crate::snapshot::run::SnapshotRun;
use crate::snapshot::shapes::{Created, Restored};
use crate::snapshot::snapshots::Snapshots;

/// How often progress is published: often enough for a bar that moves. An operation that takes less has none.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// How many packs the store may have, before they become one. Git looks into all of them; 50 is its own limit.
const MAX_PACKS: usize = 50;

impl Snapshots {
    /// Takes a snapshot, publishes that, and removes the older ones that the limits do not allow. Tells how many those are.
    ///
    /// # Errors
    /// Those of [`Snapshots::create`].
    pub async fn create_with(
        &self,
        order: SnapshotOrder,
        run: &SnapshotRun,
    ) -> Result<(Created, usize), CommandError> {
        let (created, removed) = self.create_quietly(&order, run).await?;
        let event = CreatedEvent::new(&created, removed);
        self.publish("snapshot:created", &event, order.id.as_ref())
            .await;
        Ok((created, removed))
    }

    /// Like [`Snapshots::create_with`], without the event at the end.
    pub(super) async fn create_quietly(
        &self,
        order: &SnapshotOrder,
        run: &SnapshotRun,
    ) -> Result<(Created, usize), CommandError> {
        order.check()?;
        let report = reporting(run);
        let (stop, message) = (self.0.stop.child_token(), order.message.clone());
        let work = self.create_until(message.unwrap_or_default(), report, stop.clone());
        let work = self.cancellable(work, run, stop);
        let created = self.telling(work, run, order.id.as_ref()).await?;
        Ok((created, self.clean_up(&order.keep).await))
    }

    /// Restores a snapshot, and publishes that.
    ///
    /// # Errors
    /// Those of [`Snapshots::restore`].
    pub async fn restore_with(
        &self,
        commit_hash: &str,
        id: Option<&Value>,
        run: &SnapshotRun,
    ) -> Result<Restored, CommandError> {
        let restored = self.restore_quietly(commit_hash, id, run).await?;
        let event = RestoredEvent::new(&restored);
        self.publish("snapshot:restored", &event, id).await;
        Ok(restored)
    }

    /// Like [`Snapshots::restore_with`], without the event at the end.
    pub(super) async fn restore_quietly(
        &self,
        commit_hash: &str,
        id: Option<&Value>,
        run: &SnapshotRun,
    ) -> Result<Restored, CommandError> {
        let commit_hash = hash(commit_hash)?;
        let (report, stop) = (reporting(run), self.0.stop.child_token());
        let work = self.restore_until(commit_hash, report, stop.clone());
        let work = self.cancellable(work, run, stop);
        let restored = self.telling(work, run, id).await?;
        // The safety snapshot was one more.
        self.clean_up(&Keep::default()).await;
        Ok(restored)
    }

    pub(super) async fn publish(&self, kind: &str, data: &impl Serialize, id: Option<&Value>) {
        publish(&self.0.journal, kind, data, id).await;
    }

    /// Has `work` end when the run is cancelled, if it can. `stop` is what it looks at; closing the workspace ends it, too.
    pub(super) async fn cancellable<T>(
        &self,
        work: impl Future<Output = Result<T, CommandError>>,
        run: &SnapshotRun,
        stop: CancellationToken,
    ) -> Result<T, CommandError> {
        let cancel = async {
            run.cancelled().cancelled().await;
            stop.cancel();
            // The work says itself when it has ended, and whether it was complete before.
            std::future::pending().await
        };
        let outcome = tokio::select! {
            outcome = work => outcome,
            outcome = cancel => outcome,
        };
        outcome.map_err(|error| match run.cancelled().is_cancelled() {
            true if !self.0.stop.is_cancelled() => cancelled(),
            _ => error,
        })
    }

    /// Publishes the progress of `work`. Whoever shows it is told if the work fails, too.
    async fn telling<T>(
        &self,
        work: impl Future<Output = Result<T, CommandError>>,
        run: &SnapshotRun,
        id: Option<&Value>,
    ) -> Result<T, CommandError> {
        let mut latest = None;
        let tell = async {
            let mut seen = 0;
            loop {
                tokio::time::sleep(TELL_EVERY).await;
                let Some((number, progress)) = run.next(seen).await else {
                    // No more is told by this handle.
                    return std::future::pending().await;
                };
                seen = number;
                latest = Some(progress);
                self.publish("snapshot:progress", &ProgressEvent::new(progress), id)
                    .await;
            }
        };
        let outcome = tokio::select! {
            biased;
            outcome = work => outcome,
            outcome = tell => outcome,
        };
        if let (Err(_), Some(progress)) = (&outcome, latest) {
            self.publish("snapshot:progress", &ProgressEvent::failed(progress), id)
                .await;
        }
        outcome
    }

    /// Removes the snapshots that the limits do not allow. The new one is there whether this succeeds or not, so a failure
    /// is only logged: the next one tries again.
    async fn clean_up(&self, keep: &Keep) -> usize {
        let limits = [keep.clone(), self.0.keep.clone()];
        match clean(&self.0.store, &limits).await {
            Ok(removed) => {
                self.collect_later(removed);
                removed
            }
            Err(error) => {
                tracing::warn!(code = %error.code, "old snapshots were not removed: {}", error.message);
                0
            }
        }
    }

    /// Frees space in the background, if it is time for that.
    pub(super) fn collect_later(&self, removed: usize) {
        let snapshots = self.clone();
        let work = async move {
            if snapshots.0.garbage.add(removed) || packs(&snapshots.0.store).await? > MAX_PACKS {
                let turn = snapshots.turn().await?;
                collect(&snapshots.0.store).await?;
                snapshots.0.garbage.none();
                turn.clean();
            }
            Ok::<_, CommandError>(())
        };
        let journal = Arc::clone(&self.0.journal);
        let work = async move {
            let done = fault::supervise(&journal, "snapshot:collect", work).await;
            if let Ok(Err(error)) = done {
                tracing::warn!(code = %error.code, "the space of old snapshots was not freed: {}", error.message);
            }
        };
        if let Some(handle) = self.0.executor.handle() {
            self.0.tasks.spawn_on(work.boxed(), &handle);
        }
    }
}

fn reporting(run: &SnapshotRun) -> Report {
    let run = run.clone();
    Arc::new(move |progress| run.report(progress))
}
