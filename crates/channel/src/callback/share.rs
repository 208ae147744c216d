//! The share of one connection in the memory for large messages, which all connections of a listener have in common.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use super::inbox::Inbox;

/// A message of up to this many bytes needs no share: so much of its own has every connection.
const FREE_BYTES: usize = 16 << 10;

/// How long a client may take for its turn. On the loopback interface a message needs milliseconds; one that is begun
/// and not continued must not keep the others from theirs.
const TURN: Duration = Duration::from_secs(1);

/// What one connection holds of a large message for the application, until that message is in the inbox.
pub(crate) struct Share {
    inbox: Arc<Inbox>,
    bytes: usize,
    turn: Option<Turn>,
}

struct Turn {
    _permit: OwnedSemaphorePermit,
    until: Instant,
}

impl Share {
    pub(crate) const fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            bytes: 0,
            turn: None,
        }
    }

    /// Whether the connection may hold so many bytes of its message.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(FREE_BYTES + self.bytes);
        if more > 0 && !self.inbox.hold(more, self.turn.is_some()) {
            return false;
        }
        self.bytes += more;
        true
    }

    /// Waits until [`Share::grow_to`] may succeed.
    pub(crate) async fn room(&mut self, bytes: usize) {
        let more = bytes.saturating_sub(FREE_BYTES + self.bytes);
        if more > 0 && self.turn.is_none() {
            self.turn = self.inbox.room_or_turn(more).await.map(|permit| Turn {
                _permit: permit,
                until: Instant::now() + TURN,
            });
        }
    }

    /// When the turn is over, unless the message is whole before.
    pub(crate) fn turn_ends(&self) -> Option<Instant> {
        self.turn.as_ref().map(|turn| turn.until)
    }

    /// The client has not completed its message within its turn. What is there of it stays.
    pub(crate) fn end_turn(&mut self) {
        self.turn = None;
    }

    /// The message is in the inbox, or needs it no longer.
    pub(crate) fn release(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes > 0 {
            self.inbox.release(bytes);
        }
        self.turn = None;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.release();
    }
}
