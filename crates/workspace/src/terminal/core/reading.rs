//! Readings: who reads a terminal's output, and up to where it has come.

use std::sync::Arc;

use loopwire_channel::Peer;
use tokio::sync::Notify;

/// One who reads the output.
pub(crate) struct Attachment {
    pub(crate) key: u64,
    /// Who is poked; without one it is a reader of the application.
    pub(crate) peer: Option<Peer>,
    /// Up to where it has taken the output.
    pub(crate) offset: u64,
    /// It has said that it waits for more.
    pub(crate) idle: bool,
    pub(crate) waker: Option<Arc<Notify>>,
}
