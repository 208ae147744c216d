//! The connection towards an upstream that a client's plain requests use, one after the other.

use crate::health::Route;
use crate::model::{OpenConnection, Target};
use crate::socket::BufferedSocket;

/// The connection towards the upstream, kept for the client's next request if that can use it.
#[derive(Default)]
pub(super) struct KeptConnection(pub(crate) Option<UpstreamConnection>);

/// A connection and whom it reaches.
pub(super) struct UpstreamConnection {
    pub(crate) socket: BufferedSocket,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) counted: OpenConnection,
    /// The tunnel's end; `None` where the upstream takes requests for any host (absolute form).
    pub(crate) to: Option<Target>,
}

impl KeptConnection {
    /// The connection that a request has made its own.
    pub(crate) fn take(&mut self) -> Option<UpstreamConnection> {
        self.0.take()
    }
}
