//! What the system says.

use std::ffi::OsString;
#[cfg(not(target_os = "linux"))]
use std::path::PathBuf;

/// One event of the system.
#[derive(Debug)]
pub(crate) enum RawEvent {
    /// Something happened to a name in a watched directory.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "inotify alone has these")
    )]
    Name {
        watch: i32,
        name: OsString,
        happening: Happening,
        is_directory: bool,
        /// Both halves of a rename have the same one.
        cookie: u32,
    },
    /// The watched directory itself was deleted, moved or unmounted, or its watch is gone.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "inotify alone has these")
    )]
    Itself { watch: i32, released: bool },
    /// Something happened at this path, relative to the root.
    #[cfg(not(target_os = "linux"))]
    Path(PathBuf),
    /// Events were dropped.
    Overflow,
    /// Events may have been dropped, of which the system would have said nothing.
    #[cfg(not(any(target_os = "linux", windows)))]
    Unsure,
}

/// What happened to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "inotify alone has these")
)]
pub(crate) enum Happening {
    Created,
    MovedIn,
    /// Bytes were written or cut off.
    Written,
    /// A writer has closed it.
    Closed,
    Attributes,
    Deleted,
    MovedOut,
}

/// Why the system does not tell of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Refusal {
    /// `ENOSPC`: the user has no watches left.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "inotify alone has these")
    )]
    NoWatches,
    /// `EMFILE`: the user has no instances left, or the process no descriptors.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "inotify alone has these")
    )]
    NoInstances,
    /// The budget of this workspace is used up.
    Budget,
    /// A network file system: what other machines change is not told.
    Network(&'static str),
    /// Anything else.
    Unable,
}
