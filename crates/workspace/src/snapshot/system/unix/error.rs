//! What the numbers of errors mean.

use std::io;

use rustix::io::Errno;

use crate::snapshot::system::refused::{Refused, Why};

impl From<Errno> for Refused {
    fn from(errno: Errno) -> Self {
        Self::new(why(errno), errno.raw_os_error())
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Errno::from_io_error(&error).unwrap_or(Errno::IO).into()
    }
}

const fn why(errno: Errno) -> Why {
    match errno {
        Errno::NOENT => Why::Gone,
        Errno::ACCESS => Why::Denied,
        Errno::NOTDIR => Why::NotDirectory,
        Errno::ISDIR => Why::IsDirectory,
        Errno::LOOP => Why::Link,
        Errno::INVAL => Why::Invalid,
        Errno::EXIST => Why::Exists,
        Errno::NOTEMPTY => Why::NotEmpty,
        Errno::BUSY => Why::Busy,
        Errno::XDEV => Why::OtherDisk,
        Errno::NOSPC | Errno::DQUOT => Why::Full,
        Errno::MFILE | Errno::NFILE | Errno::NOMEM => Why::Exhausted,
        _ => Why::Other,
    }
}

/// The number of the system's error of this meaning.
pub(crate) const fn code(why: Why) -> i32 {
    let errno = match why {
        Why::Gone => Errno::NOENT,
        Why::Denied => Errno::ACCESS,
        Why::NotDirectory => Errno::NOTDIR,
        Why::IsDirectory => Errno::ISDIR,
        Why::Link => Errno::LOOP,
        Why::Invalid | Why::Name => Errno::INVAL,
        Why::Exists => Errno::EXIST,
        Why::NotEmpty => Errno::NOTEMPTY,
        Why::Busy | Why::InUse => Errno::BUSY,
        Why::OtherDisk => Errno::XDEV,
        Why::Full => Errno::NOSPC,
        Why::Exhausted => Errno::NFILE,
        Why::NoLinks | Why::Other => Errno::IO,
    };
    errno.raw_os_error()
}
