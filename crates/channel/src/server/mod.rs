//! The server: from the listening socket to an answered request or an upgraded connection.

mod accept;
mod bind;
mod body;
mod limits;
mod pending;
mod reserve;
mod socket;
mod target;
mod upgrade;

pub use accept::serve;
pub use bind::{BACKLOG, bind};
pub use limits::{
    MAX_BODY_BYTES, MAX_HANDSHAKES, MAX_HEAD_BYTES, MAX_HEADERS, MAX_OPEN_HEADS, MAX_UNANSWERED,
    RECEIVE_DEADLINE, REQUEST_DEADLINE, RequestLimits,
};
pub use socket::{ListeningSocket, concerns_one_client};
pub use upgrade::{Handshake, take_socket};

pub(crate) use accept::serve_over;
