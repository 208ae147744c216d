//! How much the journal may hold.

/// How much the journal may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of all events together.
    pub bytes: usize,
    /// Number of events.
    pub events: usize,
}

impl Default for Bounds {
    /// 8 MiB and 65,536 events: some seconds of a busy engine, and little memory for the host.
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            events: 65_536,
        }
    }
}
