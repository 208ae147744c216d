//! What the application and clients do with the snapshots that there are.

use std::sync::Arc;

use loopwire_channel::CommandError;
use tokio_util::sync::CancellationToken;

use crate::snapshot::error::closed;
use crate::snapshot::history::{self, hash};
use crate::snapshot::progress::Report;
use crate::snapshot::records::{Diff, SnapshotEntry};
use crate::snapshot::run::SnapshotRun;
use crate::snapshot::scan::forget;
use crate::snapshot::shapes::Kind;
use crate::snapshot::snapshots::Snapshots;
use crate::snapshot::take::take_unlisted;

impl Snapshots {
    /// The newest snapshots, newest first: 100 of them without a limit.
    ///
    /// # Errors
    /// `GIT_NOT_FOUND`, `ROOT_REFUSED`, `SNAPSHOT_FAILED`, `NO_WORKSPACE`.
    pub async fn list(&self, limit: Option<usize>) -> Result<Vec<SnapshotEntry>, CommandError> {
        history::list(&self.0.store, limit).await
    }

    /// What differs from one snapshot to another, or to the files as they are now.
    ///
    /// # Errors
    /// Those of [`Snapshots::list`], and `SNAPSHOT_NOT_FOUND`.
    pub async fn diff(
        &self,
        from: &str,
        to: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Diff, CommandError> {
        self.diff_with(from, to, limit, &SnapshotRun::default())
            .await
    }

    /// Like [`Snapshots::diff`], unless the run is cancelled before the files are read.
    ///
    /// # Errors
    /// Those of [`Snapshots::diff`], and `CANCELLED`.
    pub async fn diff_with(
        &self,
        from: &str,
        to: Option<&str>,
        limit: Option<usize>,
        run: &SnapshotRun,
    ) -> Result<Diff, CommandError> {
        let from = hash(from)?.to_owned();
        match to {
            Some(to) => self.diff_snapshots(&from, hash(to)?, limit).await,
            None => {
                let (this, stop) = (self.clone(), self.0.stop.child_token());
                let until = stop.clone();
                // It writes to the store, so it is completed if nobody waits for it any more.
                let work = self.run(async move { this.diff_now(&from, limit, until).await });
                self.cancellable(work, run, stop).await
            }
        }
    }

    async fn diff_snapshots(
        &self,
        from: &str,
        to: &str,
        limit: Option<usize>,
    ) -> Result<Diff, CommandError> {
        let store = &self.0.store;
        store.find(from).await?;
        store.find(to).await?;
        let differs = history::diff(store, from, to, limit).await;
        if differs.is_err() {
            // One of them may have been deleted meanwhile.
            store.find(from).await?;
            store.find(to).await?;
        }
        differs
    }

    async fn diff_now(
        &self,
        from: &str,
        limit: Option<usize>,
        stop: CancellationToken,
    ) -> Result<Diff, CommandError> {
        let store = &self.0.store;
        let turn = stop.run_until_cancelled(self.turn()).await;
        let turn = turn.ok_or_else(closed)??;
        store.find(from).await?;
        let quiet: Report = Arc::new(|_| {});
        let request = self.request(String::new(), Kind::Manual, &quiet, stop);
        let now = take_unlisted(store, request).await?;
        let differs = history::diff(store, from, &now, limit).await?;
        turn.clean();
        self.collect_later(0);
        Ok(differs)
    }

    /// Deletes a snapshot, and frees the space that only this one needs.
    ///
    /// # Errors
    /// Those of [`Snapshots::list`], `SNAPSHOT_NOT_FOUND` and `BUSY`.
    pub async fn delete(&self, commit_hash: &str) -> Result<(), CommandError> {
        self.delete_with(commit_hash, &SnapshotRun::default()).await
    }

    /// Like [`Snapshots::delete`], unless the run is cancelled before its turn has come. From then on it is completed.
    ///
    /// # Errors
    /// Those of [`Snapshots::delete`], and `CANCELLED`.
    pub async fn delete_with(
        &self,
        commit_hash: &str,
        run: &SnapshotRun,
    ) -> Result<(), CommandError> {
        let (this, commit_hash) = (self.clone(), hash(commit_hash)?.to_owned());
        let stop = self.0.stop.child_token();
        let until = stop.clone();
        let work = self.run(async move {
            let turn = until.run_until_cancelled(this.turn()).await;
            let turn = turn.ok_or_else(closed)??;
            // The index of the last snapshot may be that of this one, whose contents are going.
            forget(&this.0.store.place()?).await?;
            history::delete(&this.0.store, &commit_hash).await?;
            this.0.garbage.none();
            turn.clean();
            Ok(())
        });
        self.cancellable(work, run, stop).await
    }
}
