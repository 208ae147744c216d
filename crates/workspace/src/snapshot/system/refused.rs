//! Why the system refuses something, as far as it matters here.

use std::io;

use super::system::code;

/// What the system's error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is nothing of this name.
    Gone,
    /// This process may not do it.
    Denied,
    /// It is no directory.
    NotDirectory,
    /// It is a directory.
    IsDirectory,
    /// It is a link, or one is on the way.
    Link,
    /// It is not what the call is for.
    Invalid,
    /// There is something of this name.
    Exists,
    /// The directory has something in it.
    NotEmpty,
    /// The system itself uses it: it is a mount point.
    Busy,
    /// It would have to move to another file system.
    OtherDisk,
    /// The disk, or the user's share of it, is full.
    Full,
    /// The system has no descriptors or no memory left: nothing about the file.
    Exhausted,
    /// Another program has it open, and shares it with nobody.
    #[cfg_attr(unix, allow(dead_code, reason = "Windows alone says it"))]
    InUse,
    /// No file has such a name, or the name leads to another file.
    #[cfg_attr(unix, allow(dead_code, reason = "Windows alone says it"))]
    Name,
    /// This process may not make links, or the file system has none.
    #[cfg_attr(unix, allow(dead_code, reason = "Windows alone says it"))]
    NoLinks,
    Other,
}

/// An error of the system. Small, since many may be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) why: Why,
    code: i32,
}

pub(crate) type Result<T> = std::result::Result<T, Refused>;

impl Refused {
    /// The system's error of this number.
    pub(super) const fn new(why: Why, code: i32) -> Self {
        Self { why, code }
    }

    /// One that the system did not say, but would.
    pub(crate) const fn of(why: Why) -> Self {
        Self::new(why, code(why))
    }

    /// The standard library's name for it.
    pub(crate) fn kind(self) -> io::ErrorKind {
        io::Error::from(self).kind()
    }

    /// Whether it says nothing about the file.
    pub(crate) const fn is_exhausted(self) -> bool {
        matches!(self.why, Why::Exhausted)
    }
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::from_raw_os_error(refused.code)
    }
}
