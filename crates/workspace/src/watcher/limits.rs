//! The bounds of the watcher.

use std::time::Duration;

/// The bounds that the application may choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WatcherLimits {
    /// The largest number of directories that are watched at a time.
    pub(crate) max_directories: usize,
    /// The interval at which a part is compared that the system does not tell of.
    pub(crate) polling: Duration,
    /// The notices that wait for their reader before the watcher pauses. Then the system's events stay in the system's
    /// queue, and if that overflows, the tree is compared.
    pub(crate) max_notices: usize,
}

impl Default for WatcherLimits {
    fn default() -> Self {
        Self {
            // More directories than a repository of a million files has. The system's own limit may be lower: see
            // `Budget`.
            max_directories: 100_000,
            // A person who waits for a build sees one second; a tree of 10,000 files costs 2 % of a core.
            polling: Duration::from_secs(1),
            // A checkout of a large repository. About 20 MB.
            max_notices: 65_536,
        }
    }
}
