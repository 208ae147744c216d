//! The system's table of processes: who belongs to a session, and whether it is alive.
//!
//! It is read through descriptors that are opened before the first command starts, so that it can still be read when
//! this process has none left. "Cannot be read" is an error here, never an empty answer.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use parking_lot::Mutex;
use rustix::fs::{CWD, Mode, OFlags, RawDir, SeekFrom};
use rustix::io::Errno;

use super::state::State;
use crate::process::unix::id::{ProcessId, SessionId};

/// The bytes of names that are read at once: some hundred processes.
const LIST_BYTES: usize = 16 << 10;

/// The fields that are needed are at the front of `/proc/PID/stat`, and one read gives a consistent state.
const STAT_BYTES: usize = 512;

/// `/proc`, held open.
#[derive(Debug)]
pub(crate) struct ProcessTable {
    proc: OwnedFd,
    /// Another opening of `/proc`: who lists it moves its position.
    list: Mutex<OwnedFd>,
    /// `/proc/loadavg`, which tells the process number that was assigned last.
    last: Option<OwnedFd>,
}

impl ProcessTable {
    /// Opens the table. `None` if there is none on this system.
    ///
    /// # Errors
    /// There is one, but it cannot be opened: no descriptors are left, or no memory.
    pub(crate) fn open() -> io::Result<Option<Self>> {
        let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let readable = OFlags::RDONLY | OFlags::CLOEXEC;
        let Some(proc) = there(rustix::fs::openat(CWD, "/proc", directory, Mode::empty()))? else {
            return Ok(None);
        };
        // An empty directory is no table, and that of another PID namespace has other numbers.
        let own = rustix::fs::readlinkat(&proc, "self", Vec::new());
        if !own.is_ok_and(|own| own.to_string_lossy() == std::process::id().to_string()) {
            return Ok(None);
        }
        let list = rustix::fs::openat(&proc, ".", readable | OFlags::DIRECTORY, Mode::empty());
        let Some(list) = there(list)? else {
            return Ok(None);
        };
        let last = there(rustix::fs::openat(
            &proc,
            "loadavg",
            readable,
            Mode::empty(),
        ))?;
        Ok(Some(Self {
            proc,
            list: Mutex::new(list),
            last,
        }))
    }

    /// `/proc`.
    pub(super) fn directory(&self) -> BorrowedFd<'_> {
        self.proc.as_fd()
    }

    /// The state of a process, if it belongs to one of these sessions.
    pub(crate) fn state(
        &self,
        process: ProcessId,
        sessions: &[SessionId],
    ) -> io::Result<Option<State>> {
        let is_one = |number: i32| sessions.iter().any(|one| one.number() == number);
        // Needs no descriptor, and most processes are strangers.
        let session = process.session();
        match session {
            Ok(number) if !is_one(number) => return Ok(None),
            Err(Errno::SRCH) => return Ok(None),
            Ok(_) | Err(_) => {}
        }
        let mut stat = [0; STAT_BYTES];
        match self.stat(process, &mut stat) {
            Ok(text) => {
                let found = parse(text).filter(|(number, _)| is_one(*number));
                Ok(found.map(|(_, state)| state))
            }
            // It has ended meanwhile, unless the system hides it: some do that to processes of other users.
            Err(Errno::NOENT | Errno::SRCH) => {
                let hidden = session.is_ok() && process.session() == session;
                Ok(hidden.then_some(State::Alive))
            }
            // Nothing is known of a process that the system hides from this user, who cannot signal it either.
            Err(Errno::ACCESS | Errno::PERM) if session.is_err() => Ok(None),
            Err(error) if session.is_err() => Err(error.into()),
            Err(_) => Ok(self.state_without_descriptor(process)),
        }
    }

    /// The state of a process of a session. A zombie has no program any more, and a link can be read without a
    /// descriptor. Not exact: a process that is ending has none either.
    pub(super) fn state_without_descriptor(&self, process: ProcessId) -> Option<State> {
        let program = format!("{}/exe", process.number());
        match rustix::fs::readlinkat(&self.proc, program, Vec::new()) {
            Err(Errno::SRCH) => None,
            Err(Errno::NOENT) => Some(State::Zombie),
            Ok(_) | Err(_) => Some(State::Alive),
        }
    }

    fn stat<'a>(&self, process: ProcessId, text: &'a mut [u8]) -> Result<&'a [u8], Errno> {
        let name = format!("{}/stat", process.number());
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.proc, name, flags, Mode::empty())?;
        let len = rustix::io::read(&file, &mut *text)?;
        Ok(&text[..len])
    }

    /// The process number that was assigned last, if the system tells it (proc(5): the fifth field).
    pub(crate) fn last_number(&self) -> Option<i32> {
        let mut text = [0; 128];
        let len = rustix::io::pread(self.last.as_ref()?, &mut text, 0).ok()?;
        let text = std::str::from_utf8(&text[..len]).ok()?;
        text.split_ascii_whitespace().last()?.parse().ok()
    }

    /// The numbers of all processes.
    pub(super) fn numbers(&self) -> io::Result<Vec<i32>> {
        let list = self.list.lock();
        rustix::fs::seek(&*list, SeekFrom::Start(0))?;
        let mut names = Vec::with_capacity(LIST_BYTES);
        let mut entries = RawDir::new(&*list, names.spare_capacity_mut());
        let mut numbers = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_str().ok();
            numbers.extend(name.and_then(|name| name.parse::<i32>().ok()));
        }
        let own = i32::try_from(std::process::id()).ok();
        if !numbers.iter().any(|number| Some(*number) == own) {
            return Err(io::Error::other("the list of processes lacks this one"));
        }
        Ok(numbers)
    }
}

/// Tells what does not exist here from what cannot be opened now.
fn there<T>(opened: Result<T, Errno>) -> io::Result<Option<T>> {
    match opened {
        Ok(opened) => Ok(Some(opened)),
        Err(error @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Session and state in the text of `/proc/PID/stat` (proc(5): `pid (comm) state ppid pgrp session …`, where
/// `comm` may hold anything). For a process that is being removed the kernel writes -1: it belongs to no session.
pub(super) fn parse(stat: &[u8]) -> Option<(i32, State)> {
    let behind = &stat[memchr::memrchr(b')', stat)? + 1..];
    let mut fields = std::str::from_utf8(behind).ok()?.split_ascii_whitespace();
    let state = match fields.next()? {
        "X" | "x" => return None,
        "Z" => State::Zombie,
        _ => State::Alive,
    };
    let session = fields.nth(2)?.parse().ok()?;
    (session > 1).then_some((session, state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_being_removed_has_no_session() {
        // The kernel writes -1 for a process that is being removed, whatever its state says.
        for stat in [
            "4242 (sh) R 1 -1 -1 0 -1 4194304",
            "4242 (sh) X 0 -1 -1 0 -1 4194304",
            "4242 (sh) S 1 0 0 0 -1 4194304",
            "4242 (sh) S 1 1 1 0 -1 4194304",
            "4242 (sh) S 1 7 -2147483648 0 -1",
            "4242 (sh) S 1 7 99999999999 0 -1",
            "4242 (sh) S 1",
            "4242 (sh",
            "",
        ] {
            assert_eq!(parse(stat.as_bytes()), None, "{stat}");
        }
        let odd = b"4242 (a) S 1) Z 1 7 8 0 -1";
        assert_eq!(parse(odd), Some((8, State::Zombie)));
    }
}
