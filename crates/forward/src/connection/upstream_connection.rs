//! The upstream connection of a client's plain requests, used for one after the other.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

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
    /// When its last answer ended.
    pub(super) answered: Option<Instant>,
    /// It has answered more than once: the upstream keeps connections.
    pub(super) persists: bool,
}

/// How long after its first answer a connection may yet be closed without having been announced. 100 ms: tinyproxy
/// closes each connection after one answer, within milliseconds, and does not say so.
const UNSETTLED: Duration = Duration::from_millis(100);

impl UpstreamConnection {
    /// An answer has ended, and the upstream did not say that it closes.
    pub(super) fn has_answered(&mut self) {
        self.persists = self.answered.is_some();
        self.answered = Some(Instant::now());
    }
}

impl KeptConnection {
    /// Waits until it is likely that the upstream keeps the connection, or drops it: a request that must not be
    /// repeated must not meet a connection that is just being closed.
    pub(crate) async fn settle(&mut self) {
        let Some(connection) = self.0.as_ref().filter(|kept| !kept.persists) else {
            return;
        };
        if let Some(answered) = connection.answered
            && timeout_at(answered + UNSETTLED, connection.socket.ended())
                .await
                .is_ok()
        {
            self.0 = None;
        }
    }

    /// Takes the connection out, for a request that keeps it.
    pub(crate) fn take(&mut self) -> Option<UpstreamConnection> {
        self.0.take()
    }
}
