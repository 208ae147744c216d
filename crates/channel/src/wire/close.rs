//! Why a connection is closed: the close codes that a client can act on.

/// A close code with its reason, as the close frame carries them (PROTOCOL section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// RFC 6455 section 7.4. Codes from 4000 on are defined by this protocol.
    pub code: u16,
    /// For the reader of a log.
    pub reason: String,
}

macro_rules! closes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $reason:literal;)*) => {
        impl Close {
            $($(#[$doc])* #[must_use] pub fn $name() -> Self { Self::new($code, $reason) })*
        }
    };
}

closes! {
    /// The application closed the listener.
    going_away = 1001, "the listener is closing";
    /// The peer broke RFC 6455.
    protocol = 1002, "protocol error";
    /// A text message was not UTF-8.
    utf8 = 1007, "text that is not UTF-8";
    /// Too many control frames, or a message whose fragments cost more than what they carry.
    policy = 1008, "too many control frames or fragments";
    /// A message beyond `maxMessageBytes`.
    too_big = 1009, "the message is larger than maxMessageBytes";
    /// An internal failure; a `fault` event tells what failed.
    internal = 1011, "internal fault";
    /// `POST /ws/disconnect` or `listener.disconnect(connectionId)`.
    disconnected = 4001, "disconnected on request";
    /// `listener.rotateToken()`.
    token_rotated = 4003, "the token was rotated";
    /// Nothing was heard for two heartbeats.
    heartbeat_missed = 4008, "heartbeat missed";
    /// The journal has overwritten events that this client had not read yet.
    overtaken = 4013, "overtaken: events were lost; reconnect";
    /// The client read nothing for the time of the stall limit.
    stalled = 4013, "no progress; reconnect";
}

impl Close {
    /// A close with this code and reason.
    #[must_use]
    pub fn new(code: u16, reason: &str) -> Self {
        Self {
            code,
            reason: reason.to_owned(),
        }
    }

    /// The connection ended without a close frame (RFC 6455 section 7.1.5).
    #[must_use]
    pub fn abnormal() -> Self {
        Self::new(1006, "the connection was lost")
    }
}
