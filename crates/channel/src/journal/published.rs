//! What a publisher asks of the journal, and what it gets: a number, or the reason why not.

use crate::event::MAX_EVENT_BYTES;

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// A callback has not read far enough for the journal to take more.
    #[error("the journal is full: a callback is too far behind")]
    Full,
    /// The event exceeds [`MAX_EVENT_BYTES`].
    #[error("the event is larger than {MAX_EVENT_BYTES} bytes")]
    TooLarge,
    /// The journal was closed: its runtime has ended.
    #[error("the journal is closed")]
    Closed,
}

/// What became of an event that was taken.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Its number.
    pub seq: u64,
    /// Whether the high-water mark has been passed: slow down, as a stream's `write` says with `false`.
    pub above_mark: bool,
}

/// How far a publisher may go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// Up to three quarters of the bounds: for those who can wait or drop.
    Mark,
    /// Up to the bounds themselves: the reserve of those who must not wait.
    Hard,
}
