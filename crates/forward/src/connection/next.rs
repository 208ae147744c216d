//! What follows after a client's first request.

use std::time::Duration;

use crate::health::Route;
use crate::model::OpenConnection;
use crate::socket::BufferedSocket;

/// How long a client may take to send its request. Ten seconds: as long as the slowest dial.
pub(super) const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// What follows after a client's first request.
pub(super) enum NextStep {
    /// Relay bytes in both directions.
    Relay(Box<RelayEnds>),
    /// The client was refused: let it read the answer.
    Refused(BufferedSocket),
    /// Nothing.
    Closed,
}

/// Both ends of a relay that is about to start.
pub(super) struct RelayEnds {
    pub(crate) client: BufferedSocket,
    pub(crate) upstream: BufferedSocket,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) counted: OpenConnection,
    /// The target has answered already, so it may be silent for as long as it likes.
    pub(crate) answered: bool,
}
