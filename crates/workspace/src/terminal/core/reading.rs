//! Attachments: who reads a terminal's output, and up to where.

use std::sync::Arc;

use loopwire_channel::Peer;
use tokio::sync::Notify;

/// A reader of the output: a connection or the application.
pub(crate) struct Attachment {
    pub(crate) key: u64,
    /// The connection; `None` for a reader of the application.
    pub(crate) peer: Option<Peer>,
    /// The offset up to which it has read.
    pub(crate) offset: u64,
    /// Up to where it says that it has taken the output, if it says so: then no more than a window is sent behind that, and
    /// what lies behind it is kept for it.
    pub(crate) taken: Option<u64>,
    /// It waits for more output.
    pub(crate) idle: bool,
    pub(crate) waker: Option<Arc<Notify>>,
}
