//! Who in the table has the mark of a workspace.

use std::io;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::list::{ProcessTable, parse};
use super::state::State;
use crate::process::unix::id::ProcessId;
use crate::process::unix::tracking::{self, Said, TrackingId};

/// The most that is read of an environment: what the system allows for it with the usual stack, and a little more for
/// the arguments.
const ENVIRONMENT_BYTES: usize = 3 << 20;

/// The least that is read at once. Most environments are smaller.
const READ_BYTES: usize = 16 << 10;

/// How many processes that began during a look are looked at, too. A process that starts its successor and ends would
/// never be met otherwise; but a machine that starts processes all the time must not hold up a look for ever.
const NEWER: usize = 10_000;

/// Names the soft limit in `/proc/PID/limits`.
const LIMIT: &[u8] = b"Max file locks";

/// A process with the mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tracked {
    pub(crate) process: ProcessId,
    pub(crate) state: State,
    /// The number of its session.
    pub(crate) session: i32,
}

impl ProcessTable {
    /// Calls `found` with each process that has the mark, as soon as it is met: a process may start another one and end
    /// at any moment.
    ///
    /// # Errors
    /// Not all processes could be looked at.
    pub(crate) fn each_tracked(
        &self,
        id: TrackingId,
        mut found: impl FnMut(Tracked),
    ) -> io::Result<()> {
        let mut last = self.last_number();
        let mut result = Ok(());
        let mut look = |number: i32| {
            let Some(process) = ProcessId::new(number) else {
                return;
            };
            match self.tracked(process, id) {
                Ok(Some(tracked)) => found(tracked),
                Ok(None) => {}
                Err(error) => result = Err(error),
            }
        };
        self.numbers()?.into_iter().for_each(&mut look);
        // Numbers are given in order, so newer processes have the next ones, unless they begin anew.
        let mut more = NEWER;
        while let (Some(seen), Some(newest)) = (last, self.last_number())
            && newest > seen
            && more > 0
        {
            for number in (seen + 1..=newest).take(more) {
                look(number);
                more -= 1;
            }
            last = Some(newest);
        }
        result
    }

    /// The process, if it has the mark.
    pub(crate) fn tracked(
        &self,
        process: ProcessId,
        id: TrackingId,
    ) -> io::Result<Option<Tracked>> {
        if !self.is_marked(process, id)? {
            return Ok(None);
        }
        let (session, state) = match self.read(process, "stat", 1) {
            Ok(stat) => match parse(&stat) {
                Some(found) => found,
                // It is being removed.
                None => return Ok(None),
            },
            Err(Errno::NOENT | Errno::SRCH) => return Ok(None),
            Err(_) => match (self.state_without_descriptor(process), process.session()) {
                (Some(state), Ok(session)) => (session, state),
                _ => return Ok(None),
            },
        };
        Ok(Some(Tracked {
            process,
            state,
            session,
        }))
    }

    fn is_marked(&self, process: ProcessId, id: TrackingId) -> io::Result<bool> {
        let limit = match process.soft_lock_limit() {
            Ok(limit) => Some(limit),
            Err(Errno::SRCH) => return Ok(false),
            // A process with other rights: whoever may not ask may read.
            Err(_) => match self.read(process, "limits", 1) {
                Ok(limits) => soft_lock_limit(&limits),
                Err(error) => return unreadable(error),
            },
        };
        match limit.map_or(Said::Nothing, |limit| id.said_by(limit)) {
            Said::Ours => Ok(true),
            Said::Stranger => Ok(false),
            Said::Nothing => match self.read(process, "environ", ENVIRONMENT_BYTES) {
                Ok(environment) => Ok(names(&environment, id)),
                Err(error) => unreadable(error),
            },
        }
    }

    /// Reads a file of a process until its end, or until there is this much of it.
    fn read(&self, process: ProcessId, name: &str, enough: usize) -> Result<Vec<u8>, Errno> {
        let name = format!("{}/{name}", process.number());
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(self.directory(), name, flags, Mode::empty())?;
        let mut text = Vec::new();
        while text.len() < enough {
            let len = text.len();
            text.resize(len + READ_BYTES, 0);
            let read = rustix::io::read(&file, &mut text[len..])?;
            text.truncate(len + read);
            if read == 0 {
                break;
            }
        }
        Ok(text)
    }
}

/// Nothing is known of a process that has ended, or that this user may not look at.
fn unreadable(error: Errno) -> io::Result<bool> {
    match error {
        Errno::NOENT | Errno::SRCH | Errno::ACCESS | Errno::PERM => Ok(false),
        error => Err(error.into()),
    }
}

/// The soft limit in `/proc/PID/limits`, which is a table of words (proc(5)).
fn soft_lock_limit(limits: &[u8]) -> Option<u64> {
    let mut lines = limits.split(|byte| *byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(LIMIT))?;
    match std::str::from_utf8(line)
        .ok()?
        .split_ascii_whitespace()
        .next()?
    {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

/// Whether an environment has the variable, and the id in it.
fn names(environment: &[u8], id: TrackingId) -> bool {
    let mut variables = environment.split(|byte| *byte == 0);
    variables.any(|variable| {
        let value = variable.strip_prefix(tracking::VARIABLE.as_bytes());
        value
            .and_then(|value| value.strip_prefix(b"="))
            .is_some_and(|value| id.is_in(value))
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_limits_is_read_as_the_call_answers() {
        let own = std::fs::read("/proc/self/limits").unwrap();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Locks);
        assert_eq!(
            soft_lock_limit(&own),
            Some(limit.current.unwrap_or(u64::MAX))
        );
        let text = b"Max pending signals 7 7 signals\nMax file locks      12  unlimited  locks\n";
        assert_eq!(soft_lock_limit(text), Some(12));
        assert_eq!(soft_lock_limit(b"Max file locks"), None);
        assert_eq!(soft_lock_limit(b""), None);
    }

    #[test]
    fn only_the_variable_itself_names_an_id() {
        let id = TrackingId::default();
        let number = id.number();
        let has = |text: String| names(text.as_bytes(), id);
        assert!(has(format!("A=1\0LOOPWIRE_TRACKING_ID=5:{number}\0B=2\0")));
        for text in [
            format!("LOOPWIRE_TRACKING_IDS={number}\0"),
            format!("OLD_LOOPWIRE_TRACKING_ID={number}\0"),
            format!("A=LOOPWIRE_TRACKING_ID={number}\0"),
            format!("LOOPWIRE_TRACKING_ID=1{number}\0"),
            format!("A={number}\0LOOPWIRE_TRACKING_ID\0LOOPWIRE_TRACKING_ID=\0"),
        ] {
            assert!(!has(text.clone()), "{text}");
        }
    }
}
