//! Waits for a command's process, and ends what it leaves behind.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use super::guardian::Guardian;
use super::session::{Session, SessionId};
use super::signal::Signal;
use crate::process::shapes::ProgramExit;

/// A command whose end was not told yet. If it is dropped before (a panic, the end of the runtime), all of it is ended.
pub(crate) struct Reaper {
    session: Arc<Session>,
    guardian: Arc<Guardian>,
    reaped: bool,
}

impl Reaper {
    pub(super) fn new(session: Arc<Session>, guardian: &Arc<Guardian>) -> Self {
        guardian.session_started(&session);
        Self {
            session,
            guardian: Arc::clone(guardian),
            reaped: false,
        }
    }

    /// The command.
    pub(crate) fn session(&self) -> SessionId {
        self.session.id()
    }

    /// Waits until the process of the command has ended.
    pub(crate) async fn exited(&self) {
        self.session.exited().await;
    }

    /// Ends what is left of the command.
    pub(crate) async fn end_session(&self, _began: Instant) {
        if !self.session.is_left() {
            return;
        }
        self.session.terminate(Signal::Terminate);
        if !self.session.emptied().await {
            let pid = self.session.id().pid();
            tracing::warn!(pid, "some processes of a command may still be alive");
        }
    }

    /// The system waits for orphans here.
    pub(crate) async fn reap_orphans(&self) -> Infallible {
        std::future::pending().await
    }

    /// Ends all of the command, unless that was done before.
    pub(crate) async fn kill(&mut self, _began: Instant) {
        if !self.reaped {
            self.session.terminate(Signal::Kill);
            self.session.emptied().await;
            self.reap();
        }
    }

    /// Says how the command has ended, now that nothing is left of it.
    pub(crate) fn reap(&mut self) -> ProgramExit {
        self.reaped = true;
        self.guardian.session_ended(self.session.id());
        self.session.exit()
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        if !self.reaped {
            self.session.terminate(Signal::Kill);
            self.reap();
        }
    }
}
