//! Where the events of a tail begin.

/// Where the events of a tail begin, and whether it waits for its listener.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// The number of the last event that was seen; 0 for all that the journal still holds.
    pub since: Option<u64>,
    /// The epoch that `since` belongs to.
    pub epoch: Option<String>,
    /// Whether to wait for a listener that is not there yet.
    pub wait: bool,
}
