//! The upstream connection of a client's plain requests, used for one after the other.

use crate::health::Route;
use crate::model::{OpenConnection, Target};
use crate::socket::BufferedSocket;

/// The upstream connection that is kept for the client's next request, if that can use it.
#[derive(Default)]
pub(super) struct KeptConnection(pub(crate) Option<UpstreamConnection>);

/// A connection to the upstream, and what it reaches.
pub(super) struct UpstreamConnection {
    pub(crate) socket: BufferedSocket,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) counted: OpenConnection,
    /// The tunnel's target; `None` if the upstream takes requests for any host (absolute form).
    pub(crate) to: Option<Target>,
}

impl KeptConnection {
    /// Takes the connection out, for a request that keeps it.
    pub(crate) fn take(&mut self) -> Option<UpstreamConnection> {
        self.0.take()
    }
}
