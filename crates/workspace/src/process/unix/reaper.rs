//! Waits for a command's leader: first for its end without reaping it, and reaps it when nothing else is left of its
//! session.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{WaitIdOptions, WaitIdStatus};

#[cfg(target_os = "linux")]
use super::descriptors::async_fd;
use super::guardian::{Guardian, Leader};
use super::id::{ProcessId, SessionId};
use super::session;
use super::signal;
use super::table::ProcessTable;
use crate::process::shapes::ProgramExit;

/// How often a leader is looked at where the system gives neither a descriptor nor a thread to wait for it.
const LOOK: Duration = Duration::from_millis(50);

/// How often a session that goes on is searched for orphans that have ended. They cost an entry in the table of
/// processes each, which is bounded, and looking costs a listing of all processes.
#[cfg(target_os = "linux")]
const ORPHANS: Duration = Duration::from_secs(5);

/// A leader that was not reaped yet. If it is dropped before (a panic, the end of the runtime), it kills its session.
pub(crate) struct Reaper {
    session: SessionId,
    guardian: Arc<Guardian>,
    table: Option<Arc<ProcessTable>>,
    reaped: bool,
}

impl Reaper {
    pub(super) fn new(session: SessionId, guardian: &Arc<Guardian>) -> Self {
        Self {
            session,
            guardian: Arc::clone(guardian),
            table: guardian.table(),
            reaped: false,
        }
    }

    /// The session of the command.
    pub(crate) const fn session(&self) -> SessionId {
        self.session
    }

    /// Waits until the leader has ended. It stays a zombie, so that its number is not used again.
    pub(crate) async fn exited(&self) {
        #[cfg(target_os = "linux")]
        {
            use tokio::io::Interest;
            if let Ok(process) = self.session.leader().open()
                && let Ok(process) = async_fd(process, Interest::READABLE)
                && process.readable().await.is_ok()
            {
                return;
            }
        }
        let (leader, (said, heard)) = (self.session.leader(), tokio::sync::oneshot::channel());
        // In a thread of its own: the runtime's threads for blocking work are for short work.
        let thread = std::thread::Builder::new().spawn(move || {
            wait_until_ended(leader);
            let _ = said.send(());
        });
        if thread.is_ok() && heard.await.is_ok() {
            return;
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        while let Ok(None) = leader.wait(options) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends what is left of the session besides its leader.
    pub(crate) async fn end_session(&self, began: Instant) {
        session::end(self.session, began, self.table.clone()).await;
    }

    /// Waits for orphans of the session as long as it goes on, where this process is the one that has to.
    pub(crate) async fn reap_orphans(&self) -> Infallible {
        #[cfg(target_os = "linux")]
        if session::adopts_orphans() {
            loop {
                tokio::time::sleep(ORPHANS).await;
                let (leader, table) = (self.session, self.table.clone());
                let guardian = Arc::clone(&self.guardian);
                let reap = move || {
                    session::reap_orphans(table.as_deref(), leader);
                    guardian.reap_escaped();
                };
                let _ = tokio::task::spawn_blocking(reap).await;
            }
        }
        std::future::pending().await
    }

    /// Kills the session and reaps its leader, unless that was done before.
    pub(crate) async fn kill(&mut self, began: Instant) {
        if !self.reaped {
            session::kill(&[self.session], self.table.as_deref());
            self.end_session(began).await;
            self.reap();
        }
    }

    /// Reaps the leader, now that nothing else is left of its session. Returns how it ended, if the system tells.
    pub(crate) fn reap(&mut self) -> ProgramExit {
        let status = self.status();
        let status = status.as_ref();
        let signal = status.and_then(WaitIdStatus::terminating_signal);
        ProgramExit {
            // macOS tells all that was given to `exit`, of which a parent gets the lowest byte elsewhere.
            code: status
                .and_then(WaitIdStatus::exit_status)
                .map(|code| code & 0xff),
            signal: signal.map(signal::name),
        }
    }

    fn status(&mut self) -> Option<WaitIdStatus> {
        self.reaped = true;
        match self.guardian.reap(self.session) {
            Leader::Ended(status) => status,
            // It was killed, but the kernel has not ended it yet. Until then the guardian knows it.
            Leader::Runs => {
                let (session, guardian) = (self.session, Arc::clone(&self.guardian));
                let thread = std::thread::Builder::new().spawn(move || {
                    wait_until_ended(session.leader());
                    guardian.reap(session);
                });
                if let Err(error) = thread {
                    tracing::warn!(%error, "nobody waits for the end of a command that was killed");
                }
                None
            }
        }
    }
}

/// Blocks until the process has ended. It stays a zombie.
fn wait_until_ended(leader: ProcessId) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(leader.wait(options), Err(rustix::io::Errno::INTR)) {}
}

impl Drop for Reaper {
    fn drop(&mut self) {
        if !self.reaped {
            session::kill(&[self.session], self.table.as_deref());
            self.reap();
        }
    }
}
