//! Waiting for a command's leader: first that it has ended, and only when nothing else is left of it, for good.

use std::sync::Arc;

use rustix::process::{WaitIdOptions, WaitIdStatus};

use crate::shapes::Exit;
use crate::terminal::core::TerminalInner;
#[cfg(target_os = "linux")]
use crate::terminal::process::async_fd;
use crate::terminal::process::{Guardian, SessionId, end_session, kill_sessions, signal_name};

/// A leader that has not been waited for. Dropped before it was (a panic, the end of the runtime), it kills.
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

    /// Waits until it has ended. It stays to be waited for: its number is still its own.
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
        // A thread of its own: those of the runtime that may block are for what ends soon.
        std::thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(leader.wait(options), Err(rustix::io::Errno::INTR)) {}
            let _ = said.send(());
        });
        let _ = heard.await;
    }

    /// Waits for it, now that nothing is left of its session. Returns how it ended.
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

    /// Kills all of the session and waits for its leader, unless that was done before.
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
                // Killed, and the kernel does not let go of it: whoever has the time waits.
                Ok(None) => drop(std::thread::spawn(move || {
                    let _ = leader.wait(WaitIdOptions::EXITED);
                })),
                // The host ignores SIGCHLD: the kernel has waited already, and told nobody.
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
