//! The result of a publish: the number of the event, or an error.

use crate::event::MAX_EVENT_BYTES;

/// Why an event was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// A callback is too far behind, and its unread events must be kept.
    #[error("the journal is full: a callback is too far behind")]
    Full,
    /// The event exceeds [`MAX_EVENT_BYTES`].
    #[error("the event is larger than {MAX_EVENT_BYTES} bytes")]
    TooLarge,
    /// The journal was closed: its runtime has ended.
    #[error("the journal is closed")]
    Closed,
}

/// An event that was published.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Its number.
    pub seq: u64,
    /// Whether the high-water mark has been passed: the publisher should slow down, as after `false` of a stream's
    /// `write`.
    pub above_mark: bool,
}

/// How much of the bounds a publisher may use.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// Three quarters: for publishers that can wait or drop the event.
    Mark,
    /// All of them: the last quarter is a reserve for publishers that must not wait.
    Hard,
}
