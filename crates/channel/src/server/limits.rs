//! The limits of a request until it is answered or becomes a WebSocket.

use std::time::Duration;

/// How long a client has from its connect to the last byte of its request. A local client needs milliseconds. Five
/// seconds are enough on a machine that swaps, and bound what a slow client can occupy.
pub const RECEIVE_DEADLINE: Duration = Duration::from_secs(5);

/// How long a connection may last before it becomes a WebSocket, or until its response is sent.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// How many requests may be incomplete at a time. The head of a normal client arrives in one packet, so that even of a
/// thousand clients that reconnect at once only a few are incomplete.
pub const MAX_OPEN_HEADS: usize = 64;

/// How many TLS connections may be past their ClientHello and before the end of their request at a time. A client needs
/// a round trip there, in which it must not be turned out by silent connections. Each costs memory (some 20 KiB) and a
/// descriptor. Under a flood of 5,000 handshakes a second that are not continued, 256 leave each client 50 ms.
pub const MAX_HANDSHAKES: usize = 256;

/// How many complete requests may wait until their response is made and read. Only clients that do not read reach this
/// limit. The same as a listener's default limit of connections.
pub const MAX_UNANSWERED: usize = 256;

/// The longest head, including the request line: twice the largest that browsers send.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most headers. Browsers send about twenty.
pub const MAX_HEADERS: usize = 64;

/// The longest body. The largest valid one contains a token.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// The limits of one accept loop. The constants above are the defaults; tests use shorter times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// See [`RECEIVE_DEADLINE`].
    pub receive: Duration,
    /// See [`REQUEST_DEADLINE`]. A listener whose routes wait for other servers may need more.
    pub request: Duration,
    /// See [`MAX_OPEN_HEADS`].
    pub open_heads: usize,
    /// See [`MAX_HANDSHAKES`].
    pub handshakes: usize,
    /// See [`MAX_UNANSWERED`].
    pub unanswered: usize,
    /// See [`MAX_HEAD_BYTES`]. hyper requires at least 8192.
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
            handshakes: MAX_HANDSHAKES,
            unanswered: MAX_UNANSWERED,
            head_bytes: MAX_HEAD_BYTES,
            headers: MAX_HEADERS,
            body_bytes: MAX_BODY_BYTES,
        }
    }
}
