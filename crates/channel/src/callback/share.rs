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

/// How long nothing may come from a client in its turn. A message that is begun and not continued costs the others only
/// this: what a client has sent lies in the kernel, and the rest comes a round trip later.
const TURN_PAUSE: Duration = Duration::from_millis(100);

/// What one connection holds of a large message for the application, until that message is in the inbox.
pub(crate) struct Share {
    inbox: Arc<Inbox>,
    bytes: usize,
    turn: Option<Turn>,
}

struct Turn {
    _permit: OwnedSemaphorePermit,
    until: Instant,
    /// When something of the message has last come.
    moved: Instant,
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
        if let Some(turn) = self.turn.as_mut().filter(|_| more > 0) {
            turn.moved = Instant::now();
        }
        true
    }

    /// Waits until [`Share::grow_to`] may succeed.
    pub(crate) async fn room(&mut self, bytes: usize) {
        let more = bytes.saturating_sub(FREE_BYTES + self.bytes);
        if more > 0 && self.turn.is_none() {
            let permit = self.inbox.room_or_turn(more).await;
            let now = Instant::now();
            self.turn = permit.map(|permit| Turn {
                _permit: permit,
                until: now + TURN,
                moved: now,
            });
        }
    }

    /// When the turn is over, unless the message is whole, or more of it comes, before.
    pub(crate) fn turn_ends(&self) -> Option<Instant> {
        let turn = self.turn.as_ref()?;
        Some(turn.until.min(turn.moved + TURN_PAUSE))
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
