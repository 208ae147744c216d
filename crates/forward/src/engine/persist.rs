//! Calls about saved data.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::handle::Engine;
use crate::model::ForwardError;
use crate::port::supervise;
use crate::request::{restore, saved};
use crate::store::Store;

impl Engine {
    /// Sets the directory for saved data and locks it. Forwarded ports are saved there, too. The same directory again
    /// changes nothing.
    ///
    /// # Errors
    /// [`ForwardError::Save`].
    pub fn set_save_data_path(&self, dir: &Path) -> Result<(), ForwardError> {
        let mut store = self.0.store.lock();
        if store.as_ref().is_some_and(|store| store.is_at(dir)) {
            return Ok(());
        }
        let opened =
            Store::open(dir, &self.0.context.handle).map_err(|error| ForwardError::Save {
                code: error.code(),
                text: error.to_string(),
            })?;
        if let Some(notice) = opened.notice() {
            self.0.context.log(|| notice.to_owned());
        }
        let context = Arc::clone(&self.0.context);
        // Not among the requests, which end before the directory is released: this task ends after it.
        self.0.context.handle.spawn(
            opened
                .report_failures(move |error| {
                    context.fault("forward:store", error.code(), &error.to_string());
                })
                .boxed(),
        );
        let before = store.replace(opened);
        drop(store);
        self.0.restoring.lock().cancel();
        if let Some(before) = before {
            self.0.requests.spawn_on(
                async move { before.close().await }.boxed(),
                &self.0.context.handle,
            );
        }
        for (_, lane) in self.0.all_lanes() {
            lane.change(|port| self.0.save(saved(port)));
        }
        Ok(())
    }

    /// Forwards the saved ports again. Returns at once; `restoreDone` is published when each has been tried once.
    ///
    /// # Errors
    /// [`ForwardError::NoSavePath`].
    pub fn restore_data(&self) -> Result<(), ForwardError> {
        let store = self
            .0
            .store
            .lock()
            .clone()
            .ok_or(ForwardError::NoSavePath)?;
        let restoring = CancellationToken::new();
        std::mem::replace(&mut *self.0.restoring.lock(), restoring.clone()).cancel();
        let inner = Arc::clone(&self.0);
        // Read now, so that a later stop ends a restore that has not begun yet.
        let stops = inner.stops.load(Relaxed);
        let run = async move {
            let context = Arc::clone(&inner.context);
            let restore = restoring.run_until_cancelled(restore(inner, store, stops));
            supervise::once(&context, "forward:restore", restore).await;
        };
        self.0
            .requests
            .spawn_on(run.boxed(), &self.0.context.handle);
        Ok(())
    }

    /// Deletes the saved data; what is forwarded goes on.
    pub fn clean_data(&self) {
        self.0.restoring.lock().cancel();
        let store = self.0.store.lock().clone();
        if let Some(store) = store {
            store.clear();
        }
    }
}
