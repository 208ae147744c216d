//! What follows once a client has said what it wants.

use std::time::Duration;

use crate::health::Route;
use crate::model::Ticket;
use crate::socket::Wire;

/// How long a client may take to say what it wants. Ten seconds: as long as the slowest dial.
pub(super) const OPENING: Duration = Duration::from_secs(10);

/// What follows once a client has said what it wants.
pub(super) enum Next {
    /// Bytes both ways.
    Relay(Box<Ready>),
    /// The client was refused: let it read that.
    Refused(Wire),
    /// Nothing.
    Closed,
}

/// Both ends of a relay to come.
pub(super) struct Ready {
    pub(crate) client: Wire,
    pub(crate) upstream: Wire,
    pub(crate) route: Route,
    /// Counts the connection at its upstream.
    pub(crate) ticket: Ticket,
    /// The target has spoken already: it may be silent as long as it likes.
    pub(crate) answered: bool,
}
