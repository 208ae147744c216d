//! The inbox: what connections bring for the application, in the order it came, bounded.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::wire::Close;

/// Messages that may wait for the application; then the readers pause (PROTOCOL section 7).
const MAX_MESSAGES: usize = 64;

/// Notices about connections that may wait. They never pause anybody: an application whose thread is
/// blocked while thousands of clients come and go loses the oldest ones, counted.
const MAX_NOTICES: usize = 4_096;

/// Who a connection is, for the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// `conn-1`, `conn-2`, …; unique per listener.
    pub id: String,
    /// Whether it asked for `loopwire.v1`.
    pub v1: bool,
    /// Whether it came by the sandbox's forms (seed 004) rather than by the SDK's (seed 000).
    pub sandbox: bool,
}

/// What became of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was accepted.
    Open,
    /// It receives the listener's events from now on.
    Active,
    /// A newer one receives them.
    Standby,
    /// It has ended.
    Closed(Close),
}

/// One thing for the application to hear of.
#[derive(Clone, Debug)]
pub enum InboxItem {
    /// A message that is nobody's command.
    Message {
        /// Who sent it.
        from: ConnectionInfo,
        /// What was sent.
        data: Bytes,
        /// Whether it came as a binary message.
        binary: bool,
    },
    /// A connection changed.
    Connection {
        /// Which one.
        who: ConnectionInfo,
        /// How.
        change: Change,
    },
    /// A web page was turned away. Once per origin.
    RefusedOrigin {
        /// The origin, fit to be shown.
        origin: String,
        /// The option of `startEventListener` that would admit it.
        option: Option<&'static str>,
    },
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<InboxItem>,
    messages: usize,
    lost: u64,
}

/// A bounded queue from the connections to the application.
#[derive(Debug, Default)]
pub struct Inbox {
    queue: Mutex<Queue>,
    room: Notify,
}

impl Inbox {
    /// Takes a message, or gives it back when too many wait.
    pub(crate) fn offer(&self, item: InboxItem) -> Result<(), InboxItem> {
        let mut queue = self.queue.lock();
        if queue.messages >= MAX_MESSAGES {
            return Err(item);
        }
        queue.messages += 1;
        queue.items.push_back(item);
        Ok(())
    }

    /// Waits until a message may be offered again.
    pub(crate) async fn room(&self) {
        let room = self.room.notified();
        tokio::pin!(room);
        room.as_mut().enable();
        if self.queue.lock().messages >= MAX_MESSAGES {
            room.await;
        }
    }

    pub(crate) fn notice(&self, who: ConnectionInfo, change: Change) {
        self.tell(InboxItem::Connection { who, change });
    }

    /// Takes what never pauses anybody.
    pub(crate) fn tell(&self, item: InboxItem) {
        let mut queue = self.queue.lock();
        if queue.items.len() - queue.messages >= MAX_NOTICES {
            let notice = |item: &InboxItem| !matches!(item, InboxItem::Message { .. });
            if let Some(at) = queue.items.iter().position(notice) {
                queue.items.remove(at);
                queue.lost += 1;
            }
        }
        queue.items.push_back(item);
    }

    /// The next thing for the application.
    pub fn take(&self) -> Option<InboxItem> {
        let mut queue = self.queue.lock();
        let item = queue.items.pop_front()?;
        if matches!(item, InboxItem::Message { .. }) {
            queue.messages -= 1;
            self.room.notify_waiters();
        }
        Some(item)
    }

    /// Forgets what waits: nobody will take it.
    pub(super) fn clear(&self) {
        let mut queue = self.queue.lock();
        queue.items = VecDeque::new();
        queue.messages = 0;
        drop(queue);
        self.room.notify_waiters();
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.lock().items.is_empty()
    }

    /// How many notices were dropped because nobody took them.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.queue.lock().lost
    }
}
