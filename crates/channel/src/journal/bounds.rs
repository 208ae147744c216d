//! How much the journal may hold.

/// The high-water mark: from so many quarters of the bounds on, publishers that can wait do so.
pub(super) const MARK: u64 = 3;

/// So many quarters may be unread when whoever waits for the callbacks is told that they have caught up. Far enough below
/// the mark that the next events do not reach it at once.
pub(super) const DRAINED: u64 = 2;

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
