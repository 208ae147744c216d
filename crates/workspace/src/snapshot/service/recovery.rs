//! What follows a crash in the middle of a restore: it is finished, so that the files are those of one moment.

use futures_util::FutureExt as _;
use loopwire_channel::CommandError;

use super::events::RestoredEvent;
use crate::snapshot::progress::Report;
use crate::snapshot::restore::{is_unfinished, recover};
use crate::snapshot::shapes::Kind;
use crate::snapshot::snapshots::Snapshots;

impl Snapshots {
    /// Finishes it without being asked: nobody should work with half of a snapshot.
    pub(crate) fn recover_soon(&self) {
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
            self.0.tasks.spawn_on(recovery.boxed(), &handle);
        }
    }

    /// Finishes it. The caller has the store's turn.
    pub(crate) async fn recover(&self, report: &Report) -> Result<(), CommandError> {
        let stop = self.0.stop.clone();
        let request = self.request(String::new(), Kind::Safety, report, stop);
        match Box::pin(recover(&self.0.store, request)).await {
            Ok(None) => Ok(()),
            Ok(Some(restored)) => {
                let event = RestoredEvent::recovered(&restored);
                self.publish("snapshot:restored", &event, None).await;
                Ok(())
            }
            // What can be restored is restored; nobody would be helped by trying that again.
            Err(error) if error.code == "RESTORE_INCOMPLETE" => {
                let message = error.message;
                tracing::warn!(message, "a restore that was cut off was finished in part");
                Ok(())
            }
            Err(error) => {
                let why = &error.message;
                let message = format!("a restore was cut off, and cannot be finished: {why}");
                Err(error.reworded(message))
            }
        }
    }
}
