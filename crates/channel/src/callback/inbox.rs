//! The inbox: a bounded queue of what connections bring for the application.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::wire::Close;

/// Messages that may wait for the application. At this limit the connections stop reading (PROTOCOL section 7).
const MAX_MESSAGES: usize = 64;

/// Notices about connections that may wait. They never stop a connection: an application whose thread is blocked
/// while thousands of clients connect and leave loses the oldest notices, and they are counted.
const MAX_NOTICES: usize = 4_096;

/// Describes a connection to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// `conn-1`, `conn-2`, …; unique per listener.
    pub id: String,
    /// Whether it asked for `loopwire.v1`.
    pub v1: bool,
    /// Whether it uses one of the sandbox's forms of the URL rather than the SDK's.
    pub sandbox: bool,
}

/// A change of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was accepted.
    Open,
    /// It receives the listener's events from now on.
    Active,
    /// A newer connection receives them.
    Standby,
    /// It has ended.
    Closed(Close),
}

/// One item for the application.
#[derive(Clone, Debug)]
pub enum InboxItem {
    /// A message that is not a command.
    Message {
        /// The sender.
        from: ConnectionInfo,
        /// The message.
        data: Bytes,
        /// Whether it came as a binary message.
        binary: bool,
    },
    /// A connection changed.
    Connection {
        /// The connection.
        who: ConnectionInfo,
        /// The change.
        change: Change,
    },
    /// A web page was refused. Once per origin.
    RefusedOrigin {
        /// The origin, safe to be shown.
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
    /// Adds a message, or returns it if too many wait.
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

    /// Adds an item that must never stop a connection.
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

    /// Removes the next item.
    pub fn take(&self) -> Option<InboxItem> {
        let mut queue = self.queue.lock();
        let item = queue.items.pop_front()?;
        if matches!(item, InboxItem::Message { .. }) {
            queue.messages -= 1;
            self.room.notify_waiters();
        }
        Some(item)
    }

    /// Removes all items: nobody will take them.
    pub(super) fn clear(&self) {
        let mut queue = self.queue.lock();
        queue.items = VecDeque::new();
        queue.messages = 0;
        drop(queue);
        self.room.notify_waiters();
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.lock().items.is_empty()
    }

    /// How many notices were dropped because the application did not take them.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.queue.lock().lost
    }
}
