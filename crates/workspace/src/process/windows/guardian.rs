//! What ends the commands of a workspace with this process: the system does, since their jobs close with it.

use std::collections::BTreeMap;
use std::io;
use std::os::windows::io::BorrowedHandle;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use super::console::Pty;
use super::job::Job;
use super::session::{Session, SessionId};
use super::signal::Signal;

/// The key Ctrl+C, which the console makes an interrupt of.
const CTRL_C: &[u8] = b"\x03";

/// The exit code of what has outlived its command.
const ENDED_WITH_WORKSPACE: u32 = 1;

/// How long to wait for the end of all processes. The system ends them whether somebody waits or not.
const END_PATIENCE: Duration = Duration::from_millis(50);

/// The commands of one workspace, and the job that all of them are in.
#[derive(Default)]
pub(crate) struct Guardian {
    /// Locked for reading while a command starts, for writing when all end.
    state: RwLock<State>,
    sessions: Mutex<BTreeMap<SessionId, Arc<Session>>>,
}

/// Whether commands may start.
#[derive(Default)]
enum State {
    #[default]
    Fresh,
    Open(Job),
    Closed,
}

/// Held while a command starts, so that the workspace does not end meanwhile.
pub(super) struct StartPermit<'a>(RwLockReadGuard<'a, State>);

impl StartPermit<'_> {
    /// Puts a process into the job of the workspace.
    pub(super) fn assign(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        match &*self.0 {
            State::Open(job) => job.assign(process),
            State::Fresh | State::Closed => Err(closed()),
        }
    }

    /// The job of the workspace.
    pub(super) fn job(&self) -> io::Result<&Job> {
        match &*self.0 {
            State::Open(job) => Ok(job),
            State::Fresh | State::Closed => Err(closed()),
        }
    }
}

fn closed() -> io::Error {
    io::Error::other("the workspace is closed")
}

impl Guardian {
    /// Makes the workspace's job if there is none.
    pub(super) fn ensure_running(&self) -> io::Result<StartPermit<'_>> {
        let permit = self.state.read();
        match *permit {
            State::Open(_) => return Ok(StartPermit(permit)),
            State::Closed => return Err(closed()),
            State::Fresh => drop(permit),
        }
        {
            let mut state = self.state.write();
            if matches!(*state, State::Fresh) {
                *state = State::Open(Job::of_workspace()?);
            }
        }
        Ok(StartPermit(self.state.read()))
    }

    /// The process id: there is no process here, and none is needed.
    #[expect(clippy::unused_self, reason = "on Unix it is a process")]
    pub(crate) const fn pid(&self) -> Option<u32> {
        None
    }

    /// A command has started.
    pub(super) fn session_started(&self, session: &Arc<Session>) {
        self.sessions
            .lock()
            .insert(session.id(), Arc::clone(session));
    }

    /// A command has ended, and with it all of its processes.
    pub(super) fn session_ended(&self, session: SessionId) {
        self.sessions.lock().remove(&session);
    }

    /// Sends a signal to a command. Nothing if it has ended. Returns what is to be typed instead.
    pub(crate) fn signal(
        &self,
        session: SessionId,
        pty: Option<&Pty>,
        signal: Signal,
    ) -> Option<&'static [u8]> {
        let session = self.sessions.lock().get(&session).cloned()?;
        match (signal, pty) {
            // Nobody can name it for a command with pipes.
            (Signal::Interrupt, _) => return Some(CTRL_C),
            (Signal::HangUp, Some(pty)) => {
                session.told(signal);
                pty.session_gone();
            }
            // It has hardly started: its console is not known yet.
            (Signal::HangUp, None) | (Signal::Kill | Signal::Terminate, _) => {
                session.terminate(signal);
            }
        }
        None
    }

    /// What has outlived its command is ended with the workspace, at once.
    #[expect(clippy::unused_async, reason = "on Unix it is asked to end first")]
    pub(crate) async fn end_escaped(self: &Arc<Self>) {}

    /// Ends all processes at once, those that have outlived their commands, too.
    pub(crate) fn kill(&self) {
        // Waits for commands that are being started.
        let state = std::mem::replace(&mut *self.state.write(), State::Closed);
        for session in self.sessions.lock().values() {
            session.terminate(Signal::Kill);
        }
        if let State::Open(job) = state {
            job.terminate(ENDED_WITH_WORKSPACE);
            if !job.wait_until_emptied(END_PATIENCE) {
                tracing::warn!("some processes of the workspace take their time to end");
            }
        }
    }
}
