//! `POST /ws/connect` with `X-Notify-Type: silent`, and without it.

use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::listener::Listener;
use crate::connection::Writer;
use crate::fault;

impl Listener {
    /// Begins, prolongs or ends the silent mode.
    pub(super) fn set_silent(self: &Arc<Self>, silent: bool) {
        if !silent {
            self.end_silence(None);
        } else if let Some(over) = self.silence.begin(&self.journal) {
            let listener = Arc::clone(self);
            self.task_scope.run(async move {
                let expire = over.run_until_cancelled(listener.expire_silence());
                let _ = fault::supervise(&listener.journal, "silence", expire).await;
            });
        }
    }

    /// Ends the silent mode at its limit, also if nothing else happens.
    async fn expire_silence(&self) {
        while let Some(until) = self.silence.until() {
            sleep_until(until).await;
            self.end_silence(Some(Instant::now()));
        }
    }

    fn end_silence(&self, now: Option<Instant>) {
        if self.silence.end(&self.journal, now) {
            // Those that have got so far say at once what was held back, the others when they get there.
            for connection in self.registry.all() {
                connection.update(|_: &mut Writer| ());
            }
        }
    }
}
