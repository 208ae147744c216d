//! What happens on a socket, and the bounded queue between the connection and its reader.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many bytes may wait to be taken (the last message may exceed it). Beyond that the connection is not read, and the
/// server waits.
const MOST_BYTES: usize = 1024 * 1024;

/// What counts for each message besides its bytes, so that many tiny ones are bounded, too.
const OVERHEAD_BYTES: usize = 64;

/// One thing that happens on a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// The connection is open, with the subprotocol that the server has selected.
    Open(Option<String>),
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// The last one: it was open, and is closed.
    Closed {
        /// The code of the close frame; 1005 for none in it, 1006 for none at all.
        code: u16,
        /// Its reason.
        reason: String,
        /// A sentence for the user, if the connection was lost without a close frame.
        why: Option<String>,
    },
    /// The last one: it was never open.
    Failed {
        /// A sentence for the user.
        why: String,
        /// The HTTP status, if a server has refused it.
        status: Option<u16>,
        /// Whether another attempt would end in the same way.
        permanent: bool,
        /// How long the server wants the next attempt to wait.
        after: Option<Duration>,
    },
}

impl SocketEvent {
    const fn is_last(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::Failed { .. })
    }

    fn cost(&self) -> usize {
        let bytes = match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
            _ => 0,
        };
        bytes + OVERHEAD_BYTES
    }
}

#[derive(Debug, Default)]
struct Contents {
    events: VecDeque<SocketEvent>,
    bytes: usize,
    /// Nothing is added after the last one.
    ended: bool,
    /// The last one was taken.
    over: bool,
}

/// The events that wait to be taken.
#[derive(Debug, Default)]
pub(super) struct Events {
    contents: Mutex<Contents>,
    filled: Notify,
    emptied: Notify,
    over: Notify,
}

impl Events {
    /// Waits until there is room for another message.
    pub(super) async fn room(&self) {
        while self.contents.lock().bytes >= MOST_BYTES {
            // A notification that comes before this is kept for the one task that waits.
            self.emptied.notified().await;
        }
    }

    pub(super) fn put(&self, event: SocketEvent) {
        let mut contents = self.contents.lock();
        if contents.ended {
            return;
        }
        contents.ended = event.is_last();
        contents.bytes += event.cost();
        contents.events.push_back(event);
        drop(contents);
        self.filled.notify_one();
    }

    /// The next event; `None` after the last one.
    pub(super) async fn take(&self) -> Option<SocketEvent> {
        loop {
            let filled = self.filled.notified();
            {
                let mut contents = self.contents.lock();
                if let Some(event) = contents.events.pop_front() {
                    contents.bytes -= event.cost();
                    contents.over = event.is_last();
                    drop(contents);
                    self.emptied.notify_one();
                    if event.is_last() {
                        self.over.notify_one();
                    }
                    return Some(event);
                }
                if contents.over {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// Waits until the last event was taken.
    pub(super) async fn over(&self) {
        while !self.contents.lock().over {
            self.over.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn is_ready(future: impl Future<Output = ()>) -> bool {
        pin!(future)
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    #[tokio::test]
    async fn events_come_in_order_and_nothing_behind_the_last_one() {
        let events = Events::default();
        events.put(SocketEvent::Open(None));
        events.put(SocketEvent::Text("a".to_owned()));
        let last = SocketEvent::Closed {
            code: 1000,
            reason: String::new(),
            why: None,
        };
        events.put(last.clone());
        events.put(SocketEvent::Text("too late".to_owned()));
        assert_eq!(events.take().await, Some(SocketEvent::Open(None)));
        assert_eq!(events.take().await, Some(SocketEvent::Text("a".to_owned())));
        assert!(!is_ready(events.over()));
        assert_eq!(events.take().await, Some(last));
        assert_eq!(events.take().await, None);
        events.over().await;
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_leaves_no_room() {
        for size in [0, 64 << 10] {
            let events = Events::default();
            let mut count = 0;
            while is_ready(events.room()) {
                events.put(SocketEvent::Binary(vec![0; size]));
                count += 1;
            }
            assert_eq!(count, MOST_BYTES.div_ceil(size + OVERHEAD_BYTES));
            events.take().await;
            assert!(is_ready(events.room()));
        }
    }
}
