//! The inbox: a bounded queue of what connections bring for the application.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::wire::Close;

/// Messages that may wait for the application, and their bytes. At either limit the connections stop reading (PROTOCOL
/// section 7). A single message may be larger.
const MAX_MESSAGES: usize = 64;
const MAX_BYTES: usize = 1 << 20;

/// The bytes that all connections together may hold of large messages that are not in the queue yet: begun ones, and
/// those that wait for room. Beyond that, one connection at a time receives a large message.
const MAX_HELD_BYTES: usize = 1 << 20;

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

impl ConnectionInfo {
    /// The name of its form: `sdk` or `sandbox`.
    #[must_use]
    pub const fn form(&self) -> &'static str {
        if self.sandbox { "sandbox" } else { "sdk" }
    }
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

impl Change {
    /// What the application is told.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Active => "active",
            Self::Standby => "standby",
            Self::Closed(_) => "closed",
        }
    }
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

impl InboxItem {
    const fn bytes(&self) -> usize {
        match self {
            Self::Message { data, .. } => data.len(),
            Self::Connection { .. } | Self::RefusedOrigin { .. } => 0,
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<InboxItem>,
    messages: usize,
    /// The bytes of the messages.
    bytes: usize,
    /// What connections hold of large messages.
    held: usize,
    lost: u64,
}

impl Queue {
    const fn has_room_for(&self, bytes: usize) -> bool {
        self.messages < MAX_MESSAGES && (self.bytes == 0 || self.bytes + bytes <= MAX_BYTES)
    }
}

/// A bounded queue from the connections to the application.
#[derive(Debug)]
pub struct Inbox {
    queue: Mutex<Queue>,
    room: Notify,
    /// Held by the connection that receives a large message although [`MAX_HELD_BYTES`] are held.
    turn: Arc<Semaphore>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            queue: Mutex::default(),
            room: Notify::new(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Inbox {
    /// Adds a message, or returns it if too many wait.
    pub(crate) fn offer(&self, item: InboxItem) -> Result<(), InboxItem> {
        let bytes = item.bytes();
        let mut queue = self.queue.lock();
        if !queue.has_room_for(bytes) {
            return Err(item);
        }
        queue.messages += 1;
        queue.bytes += bytes;
        queue.items.push_back(item);
        Ok(())
    }

    /// Waits until this message may be offered again.
    pub(crate) async fn room(&self, item: &InboxItem) {
        let bytes = item.bytes();
        self.room_if(|queue| queue.has_room_for(bytes)).await;
    }

    async fn room_if(&self, has_room: impl Fn(&Queue) -> bool) {
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            if has_room(&self.queue.lock()) {
                return;
            }
            room.await;
        }
    }

    /// Counts more bytes of a large message that a connection holds. False if there is no room for them.
    pub(super) fn hold(&self, bytes: usize, in_turn: bool) -> bool {
        let mut queue = self.queue.lock();
        let room = in_turn || queue.held + bytes <= MAX_HELD_BYTES;
        if room {
            queue.held += bytes;
        }
        room
    }

    /// Counts fewer of them.
    pub(super) fn release(&self, bytes: usize) {
        self.queue.lock().held -= bytes;
        self.room.notify_waiters();
    }

    /// Waits until more may be held. Returns the permit if it is this connection's turn instead.
    pub(super) async fn room_or_turn(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            biased;
            () = self.room_if(|queue| queue.held + bytes <= MAX_HELD_BYTES) => None,
            turn = Arc::clone(&self.turn).acquire_owned() => turn.ok(),
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
            queue.bytes -= item.bytes();
            self.room.notify_waiters();
        }
        Some(item)
    }

    /// Removes all items: nobody will take them.
    pub(super) fn clear(&self) {
        let mut queue = self.queue.lock();
        queue.items = VecDeque::new();
        queue.messages = 0;
        queue.bytes = 0;
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
