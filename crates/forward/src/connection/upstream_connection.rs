//! The connection towards an upstream that a client's plain requests use, one after the other.

use crate::health::Route;
use crate::model::{Target, Ticket};
use crate::socket::Wire;

/// The connection towards the upstream, kept for the client's next request if that can use it.
#[derive(Default)]
pub(super) struct Kept(pub(crate) Option<Carrier>);

/// A connection and whom it reaches.
pub(super) struct Carrier {
    pub(crate) wire: Wire,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) ticket: Ticket,
    /// The tunnel's end; `None` where the upstream takes requests for any host (absolute form).
    pub(crate) to: Option<Target>,
}

impl Kept {
    /// The connection that a request has made its own.
    pub(crate) fn take(&mut self) -> Option<Carrier> {
        self.0.take()
    }
}
