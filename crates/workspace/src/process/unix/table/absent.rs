//! Replaces the table of processes on systems other than Linux, which do not tell the processes of a session.

use std::io;

/// The table of processes, of which there is none.
#[derive(Debug)]
pub(crate) enum ProcessTable {}

impl ProcessTable {
    /// There is none.
    pub(crate) const fn open() -> io::Result<Option<Self>> {
        Ok(None)
    }
}
