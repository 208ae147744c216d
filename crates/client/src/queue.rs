//! The bounded queue between a connection and its reader: a slow reader slows the connection down.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many bytes may wait to be taken (the last item may exceed it). Enough to keep answering pings while a person looks
/// at a pager. Beyond that the connection is not read, and the server waits.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// What waits to be taken.
pub(crate) trait Item: Sized {
    /// How many bytes it counts for.
    fn cost(&self) -> usize;

    /// Whether nothing is added after it.
    fn is_last(&self) -> bool;

    /// Takes the next item in, so that both are taken together; or returns it.
    fn join(&mut self, next: Self) -> Option<Self> {
        Some(next)
    }
}

#[derive(Debug)]
struct Contents<T> {
    items: VecDeque<T>,
    bytes: usize,
    /// Nothing is added after the last one.
    ended: bool,
    /// The last one was taken.
    over: bool,
}

/// The items that wait to be taken.
#[derive(Debug)]
pub(crate) struct BoundedQueue<T> {
    contents: Mutex<Contents<T>>,
    filled: Notify,
    emptied: Notify,
    over: Notify,
}

impl<T> Default for BoundedQueue<T> {
    fn default() -> Self {
        let contents = Contents {
            items: VecDeque::new(),
            bytes: 0,
            ended: false,
            over: false,
        };
        Self {
            contents: Mutex::new(contents),
            filled: Notify::new(),
            emptied: Notify::new(),
            over: Notify::new(),
        }
    }
}

impl<T: Item> BoundedQueue<T> {
    /// Waits until there is room for another message.
    pub(crate) async fn room(&self) {
        while self.contents.lock().bytes >= MOST_BYTES {
            // A notification that comes before this is kept for the one task that waits.
            self.emptied.notified().await;
        }
    }

    /// Adds an item. `room` was awaited before a message was read; there are only a few other items for each connection.
    pub(crate) fn put(&self, item: T) {
        let mut contents = self.contents.lock();
        if contents.ended {
            return;
        }
        contents.ended = item.is_last();
        contents.bytes += item.cost();
        let apart = match contents.items.back_mut() {
            Some(last) => last.join(item),
            None => Some(item),
        };
        contents.items.extend(apart);
        drop(contents);
        self.filled.notify_one();
    }

    /// The next item; `None` after the last one.
    pub(crate) async fn take(&self) -> Option<T> {
        loop {
            {
                let mut contents = self.contents.lock();
                if let Some(item) = contents.items.pop_front() {
                    contents.bytes -= item.cost();
                    contents.over = item.is_last();
                    drop(contents);
                    self.emptied.notify_one();
                    if item.is_last() {
                        self.over.notify_one();
                    }
                    return Some(item);
                }
                if contents.over {
                    return None;
                }
            }
            // A notification that comes before this is kept, too.
            self.filled.notified().await;
        }
    }

    /// Waits until the last item was taken.
    pub(crate) async fn over(&self) {
        while !self.contents.lock().over {
            self.over.notified().await;
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.contents.lock().bytes
    }
}

#[cfg(test)]
pub(crate) fn is_ready(future: impl Future<Output = ()>) -> bool {
    use std::task::{Context, Waker};
    std::pin::pin!(future)
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}
