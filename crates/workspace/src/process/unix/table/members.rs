//! The processes of sessions: found in the same way, wherever the system's list of all processes comes from.

use std::io;

use super::ProcessTable;
use super::state::State;
use crate::process::unix::id::{ProcessId, SessionId};

impl ProcessTable {
    /// All processes of these sessions.
    pub(crate) fn of(&self, sessions: &[SessionId]) -> io::Result<Vec<(ProcessId, State)>> {
        self.among(self.numbers()?.into_iter(), sessions)
    }

    /// Those of these numbers that belong to these sessions.
    pub(crate) fn among(
        &self,
        numbers: impl Iterator<Item = i32>,
        sessions: &[SessionId],
    ) -> io::Result<Vec<(ProcessId, State)>> {
        let mut found = Vec::new();
        for process in numbers.filter_map(ProcessId::new) {
            if let Some(state) = self.state(process, sessions)? {
                found.push((process, state));
            }
        }
        Ok(found)
    }
}
