//! What cannot be said to Windows without a doubt.

use std::io;

/// Why a command is not started: what it was given would not arrive as it is, or could be taken for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) &'static str);

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::new(io::ErrorKind::InvalidInput, refused.0)
    }
}
