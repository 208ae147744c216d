//! What follows once a client has said what it wants.

use std::time::Duration;

use crate::health::Route;
use crate::model::OpenConnection;
use crate::socket::BufferedSocket;

/// How long a client may take to say what it wants. Ten seconds: as long as the slowest dial.
pub(super) const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// What follows once a client has said what it wants.
pub(super) enum NextStep {
    /// Bytes both ways.
    Relay(Box<RelayEnds>),
    /// The client was refused: let it read that.
    Refused(BufferedSocket),
    /// Nothing.
    Closed,
}

/// Both ends of a relay to come.
pub(super) struct RelayEnds {
    pub(crate) client: BufferedSocket,
    pub(crate) upstream: BufferedSocket,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) counted: OpenConnection,
    /// The target has spoken already: it may be silent as long as it likes.
    pub(crate) answered: bool,
}
