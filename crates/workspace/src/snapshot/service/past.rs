//! What the application and clients do with the snapshots that there are.

use std::sync::Arc;

use loopwire_channel::CommandError;

use crate::snapshot::history::{self, hash};
use crate::snapshot::progress::Report;
use crate::snapshot::records::{Diff, SnapshotEntry};
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
        let from = hash(from)?.to_owned();
        match to {
            Some(to) => self.diff_snapshots(&from, hash(to)?, limit).await,
            None => {
                let this = self.clone();
                // It writes to the store, so it is completed if nobody waits for it any more.
                self.run(async move { this.diff_now(&from, limit).await })
                    .await
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

    async fn diff_now(&self, from: &str, limit: Option<usize>) -> Result<Diff, CommandError> {
        let store = &self.0.store;
        let turn = self.turn().await?;
        store.find(from).await?;
        let quiet: Report = Arc::new(|_| {});
        let request = self.request(String::new(), Kind::Manual, &quiet, self.0.stop.clone());
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
        let (this, commit_hash) = (self.clone(), hash(commit_hash)?.to_owned());
        self.run(async move {
            let turn = this.turn().await?;
            // The index of the last snapshot may be that of this one, whose contents are going.
            forget(&this.0.store.place()?).await?;
            history::delete(&this.0.store, &commit_hash).await?;
            this.0.garbage.none();
            turn.clean();
            Ok(())
        })
        .await
    }
}
