//! The processes of macOS, which are asked of the system each time: nothing has to be held open for that.

use std::io;

use rustix::io::Errno;
use rustix::process::WaitIdOptions;

use super::state::State;
use crate::process::unix::apple;
use crate::process::unix::id::{ProcessId, SessionId};

/// A system that lists its processes.
#[derive(Debug)]
pub(crate) struct ProcessTable(());

impl ProcessTable {
    /// The table. `None` if this process may not see it, as in a sandbox.
    pub(crate) fn open() -> io::Result<Option<Self>> {
        Ok(apple::numbers().is_ok().then_some(Self(())))
    }

    /// The numbers of all processes.
    #[expect(clippy::unused_self, reason = "on Linux the table is open")]
    pub(super) fn numbers(&self) -> io::Result<Vec<i32>> {
        apple::numbers()
    }

    /// The state of a process, if it belongs to one of these sessions, whose leaders are children of this process.
    pub(crate) fn state(
        &self,
        process: ProcessId,
        sessions: &[SessionId],
    ) -> io::Result<Option<State>> {
        let number = match process.session() {
            Ok(number) => number,
            Err(Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(session) = sessions.iter().find(|one| one.number() == number) else {
            return Ok(None);
        };
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        match session.leader() == process && !matches!(process.wait(ended), Ok(None)) {
            true => Ok(Some(State::Zombie)),
            false => Ok(Some(State::Alive)),
        }
    }

    /// The system does not tell the process number that was assigned last.
    pub(crate) const fn last_number(&self) -> Option<i32> {
        None
    }
}
