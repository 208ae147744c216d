//! What is saved before it is done: a request that somebody waits for changes nothing unless its result is on the disk.

use std::sync::Arc;

use super::lane::{Lane, Turn};
use super::state::EngineState;
use crate::model::Refusal;
use crate::store::{Saved, Store};

/// What a job has saved before it was done, and what was saved before that. `None` if nothing is saved.
pub(super) struct Kept(Option<(Store, Saved, Option<Saved>)>);

impl Kept {
    /// Saves what is about to be done on that lane, and waits for the disk. `None` if the job was cancelled.
    ///
    /// # Errors
    /// `not saved`; then nothing has changed.
    pub(super) async fn save(
        engine: &Arc<EngineState>,
        lane: &Lane,
        turn: &Turn,
        entry: Saved,
    ) -> Option<Result<Self, Refusal>> {
        // Under the lane's lock: a removal cancels this before, or removes the entry after.
        let saving = || {
            let store = engine.store.lock().clone();
            store.map(|store| {
                let (version, before) = store.replace(entry.clone());
                (store, version, before)
            })
        };
        let Some((store, version, before)) = lane.unless_cancelled(turn, saving)? else {
            return Some(Ok(Self(None)));
        };
        let written = store.saved(version).await;
        let kept = Self(Some((store, entry, before)));
        if let Err(error) = written {
            kept.undo();
            return Some(Err(Refusal::of_save(error.cause())));
        }
        Some(Ok(kept))
    }

    /// The job has failed.
    pub(super) fn undo(self) {
        if let Some((store, entry, before)) = self.0 {
            store.put_back(&entry, before);
        }
    }
}
