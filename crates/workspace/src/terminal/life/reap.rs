//! Waits for a command's leader: first for its end without reaping it, and reaps it when nothing else is left of its
//! session.

use std::sync::Arc;

use rustix::process::{WaitIdOptions, WaitIdStatus};

use crate::shapes::Exit;
use crate::terminal::core::TerminalInner;
#[cfg(target_os = "linux")]
use crate::terminal::process::async_fd;
use crate::terminal::process::{Guardian, SessionId, end_session, kill_sessions, signal_name};

/// A leader that was not reaped yet. If it is dropped before (a panic, the end of the runtime), it kills its session.
pub(crate) struct Reaper {
    session: SessionId,
    guardian: Arc<Guardian>,
    reaped: bool,
}

impl Reaper {
    pub(crate) fn new(session: SessionId, guardian: &Arc<Guardian>) -> Self {
        Self {
            session,
            guardian: Arc::clone(guardian),
            reaped: false,
        }
    }

    pub(crate) const fn session(&self) -> SessionId {
        self.session
    }

    /// Waits until the leader has ended. It stays a zombie, so that its number is not used again.
    pub(crate) async fn exited(&self) {
        #[cfg(target_os = "linux")]
        {
            use tokio::io::Interest;
            if let Ok(process) = self.session.leader().open()
                && let Some(process) = async_fd(process, Interest::READABLE)
            {
                let _ = process.readable().await;
                return;
            }
        }
        let (leader, (said, heard)) = (self.session.leader(), tokio::sync::oneshot::channel());
        // In a thread of its own: the runtime's threads for blocking work are for short work.
        std::thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(leader.wait(options), Err(rustix::io::Errno::INTR)) {}
            let _ = said.send(());
        });
        let _ = heard.await;
    }

    /// Reaps the leader, now that nothing else is left of its session. Returns how it ended.
    pub(crate) fn reap(&mut self, inner: &TerminalInner) -> Exit {
        let status = self.wait();
        let mut state = inner.state.lock();
        state.session = None;
        Exit {
            code: status.as_ref().and_then(WaitIdStatus::exit_status),
            signal: status
                .as_ref()
                .and_then(WaitIdStatus::terminating_signal)
                .map(signal_name),
            duration: inner.born.elapsed(),
            reason: state.order,
        }
    }

    /// Kills the session and reaps its leader, unless that was done before.
    pub(crate) async fn kill(&mut self, inner: &TerminalInner) {
        if !self.reaped {
            kill_sessions(&[self.session]);
            end_session(self.session, inner.born).await;
            self.reap(inner);
        }
    }

    fn wait(&mut self) -> Option<WaitIdStatus> {
        self.reaped = true;
        let mut status = None;
        let (session, leader) = (self.session, self.session.leader());
        self.guardian.session_ended(session, || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            match leader.wait(options) {
                Ok(Some(found)) => status = Some(found),
                // It was killed, but the kernel has not ended it yet. Another thread waits.
                Ok(None) => drop(std::thread::spawn(move || {
                    let _ = leader.wait(WaitIdOptions::EXITED);
                })),
                // The host ignores SIGCHLD: the kernel has reaped it already, and its status is lost.
                Err(_) => {}
            }
        });
        status
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        if !self.reaped {
            kill_sessions(&[self.session]);
            self.wait();
        }
    }
}
