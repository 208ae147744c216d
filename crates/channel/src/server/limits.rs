//! Limits of a request until it is answered or has become a WebSocket.

use std::time::Duration;

/// How long a client has from its connect to the last byte of its request. A local client needs
/// milliseconds; five seconds forgive a machine that swaps, and bound what a slow opener can hold.
pub const RECEIVE_DEADLINE: Duration = Duration::from_secs(5);

/// How long a connection may live without having become a WebSocket, the answer included.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// How many requests may be incomplete at a time. Honest heads arrive in one packet, so that even a
/// thousand clients which reconnect at once are never many of these.
pub const MAX_OPEN_HEADS: usize = 64;

/// How many complete requests may wait for their answer to be made and read. Only clients that do not
/// read ever get here; as many as a listener's connections by default.
pub const MAX_UNANSWERED: usize = 256;

/// The longest head, request line included. Twice what browsers send at their worst.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most headers. Browsers send about twenty.
pub const MAX_HEADERS: usize = 64;

/// The longest body. The largest one there is holds a token.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// The limits of one accept loop. The constants above are the defaults; tests shorten the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// See [`RECEIVE_DEADLINE`].
    pub receive: Duration,
    /// See [`REQUEST_DEADLINE`]. A listener whose routes wait for others may need more.
    pub request: Duration,
    /// See [`MAX_OPEN_HEADS`].
    pub open_heads: usize,
    /// See [`MAX_UNANSWERED`].
    pub unanswered: usize,
    /// See [`MAX_HEAD_BYTES`]. hyper takes no less than 8192.
    pub head_bytes: usize,
    /// See [`MAX_HEADERS`].
    pub headers: usize,
    /// See [`MAX_BODY_BYTES`].
    pub body_bytes: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            receive: RECEIVE_DEADLINE,
            request: REQUEST_DEADLINE,
            open_heads: MAX_OPEN_HEADS,
            unanswered: MAX_UNANSWERED,
            head_bytes: MAX_HEAD_BYTES,
            headers: MAX_HEADERS,
            body_bytes: MAX_BODY_BYTES,
        }
    }
}
