//! The reserve: descriptors that an accept loop keeps for the time when the process has no other.
//!
//! Without a descriptor no connection can be accepted, and a client would wait for an answer that never comes. With one
//! of the reserve given up, one connection is accepted, answered and closed, and the reserve is filled again. macOS has
//! closed the connection that found no descriptor, so that it is the next one that is answered.

use std::io;
#[cfg(unix)]
use std::os::fd::OwnedFd;

#[cfg(unix)]
use parking_lot::Mutex;

/// How many descriptors are kept: so many clients can be served at a time. A request takes milliseconds.
#[cfg(unix)]
const RESERVED: usize = 4;

/// The errors of a process, or of the system, that has no descriptor left. On all Unix systems these are their numbers.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

/// The reserve of one accept loop.
#[derive(Debug, Default)]
pub(super) struct Reserve {
    #[cfg(unix)]
    held: Mutex<Vec<OwnedFd>>,
}

impl Reserve {
    /// A full reserve, if there are descriptors.
    pub(super) fn new() -> Self {
        let reserve = Self::default();
        reserve.fill();
        reserve
    }

    /// Fills the reserve. False if the process has no descriptor for that.
    #[cfg(unix)]
    pub(super) fn fill(&self) -> bool {
        let mut held = self.held.lock();
        while held.len() < RESERVED {
            // Any descriptor will do. A datagram socket needs no file system, and takes one descriptor.
            match std::os::unix::net::UnixDatagram::unbound() {
                Ok(socket) => held.push(socket.into()),
                Err(_) => return false,
            }
        }
        true
    }

    /// Gives one up. False if there is none.
    #[cfg(unix)]
    pub(super) fn give(&self) -> bool {
        self.held.lock().pop().is_some()
    }

    /// Windows has no such limit.
    #[cfg(not(unix))]
    pub(super) fn fill(&self) -> bool {
        true
    }

    #[cfg(not(unix))]
    pub(super) fn give(&self) -> bool {
        false
    }
}

/// Whether there was no descriptor.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}
