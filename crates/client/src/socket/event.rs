//! What happens on a socket.

use crate::queue::Item;

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
        /// A sentence for the user, if the connection was lost without a close frame.
        why: Option<String>,
    },
    /// The last one: it was never open.
    Failed {
        /// A sentence for the user.
        why: String,
        /// Whether another attempt would end in the same way.
        permanent: bool,
    },
}

impl Item for SocketEvent {
    fn is_last(&self) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{BoundedQueue, MOST_BYTES, is_ready};

    #[tokio::test]
    async fn events_come_in_order_and_nothing_behind_the_last_one() {
        let events = BoundedQueue::default();
        events.put(SocketEvent::Open(None));
        events.put(SocketEvent::Text("a".to_owned()));
        let last = SocketEvent::Closed {
            code: 1000,
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
            let events = BoundedQueue::default();
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
