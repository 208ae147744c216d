//! What follows a crash in the middle of a restore: it is finished, so that the files are those of one moment.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use loopwire_channel::{CommandError, Event};
use serde::Serialize;

use crate::spec::WORKSPACE;

use super::progress::Report;
use super::restore::{is_unfinished, recover};
use super::shapes::Kind;
use super::snapshots::Snapshots;

/// `snapshot:restored`, as after a restore that somebody waits for, and that it is not.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecoveredEvent {
    commit_hash: String,
    safety_commit: String,
    written: u64,
    deleted: u64,
    duration_ms: u64,
    recovered: bool,
}

impl Snapshots {
    /// Finishes it without being asked: nobody should work with half of a snapshot.
    pub(super) fn recover_soon(&self) {
        let store = &self.0.store;
        if let Ok(place) = store.place()
            && is_unfinished(&place)
            && let Some(handle) = self.0.executor.handle()
        {
            let this = self.clone();
            let recovery = async move {
                match this.turn().await {
                    Ok(turn) => turn.clean(),
                    Err(error) => tracing::warn!(error.message, "a restore was cut off"),
                }
            };
            self.0.tasks.spawn_on(recovery, &handle);
        }
    }

    /// Finishes it. The caller has the store's turn.
    pub(super) async fn recover(&self, report: &Report) -> Result<(), CommandError> {
        let began = Instant::now();
        let stop = self.0.stop.clone();
        let request = self.request(String::new(), Kind::Safety, report, stop);
        match Box::pin(recover(&self.0.store, request)).await {
            Ok(None) => Ok(()),
            Ok(Some(outcome)) => {
                let restored = outcome.told(began.elapsed());
                let event = RecoveredEvent {
                    commit_hash: restored.commit_hash,
                    safety_commit: restored.safety_commit,
                    written: restored.written,
                    deleted: restored.deleted,
                    duration_ms: u64::try_from(restored.duration.as_millis()).unwrap_or(u64::MAX),
                    recovered: true,
                };
                let at = SystemTime::now();
                if let Ok(event) = Event::data(WORKSPACE, "snapshot:restored", &event, at) {
                    let _ = Arc::clone(&self.0.journal).publish(&event).await;
                }
                Ok(())
            }
            // What can be restored is restored; nobody would be helped by trying that again.
            Err(error) if error.code == "RESTORE_INCOMPLETE" => {
                let message = error.message;
                tracing::warn!(message, "a restore that was cut off was finished in part");
                Ok(())
            }
            Err(error) => Err(CommandError::new(
                error.code,
                format!(
                    "a restore was cut off, and cannot be finished: {}",
                    error.message
                ),
            )),
        }
    }
}
