//! The bounded queue between the connection and the reader: a slow reader slows the connection down.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::line;

/// How many bytes may wait. Enough to keep answering pings while a person looks at a pager. Beyond that the socket is
/// not read, and the listener's journal holds the rest.
const MOST_BYTES: usize = 1024 * 1024;
/// How many bytes of lines are handed out at once (a single line may be longer): the capacity of a pipe.
const BATCH_BYTES: usize = 64 * 1024;

/// The next item of a tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    /// Messages, each ended by a line feed.
    Lines(Vec<u8>),
    /// A note for the user: a connection was opened or lost.
    Note(String),
    /// Events that are lost.
    Gap(String),
    /// The end, with its reason: as intended (`Ok`) or by an error.
    End(Result<String, String>),
}

#[derive(Debug, Default)]
struct Contents {
    batches: VecDeque<Batch>,
    bytes: usize,
    /// Nothing is added after the end.
    ended: bool,
}

#[derive(Debug, Default)]
pub(crate) struct BoundedQueue {
    contents: Mutex<Contents>,
    filled: Notify,
    emptied: Notify,
}

impl BoundedQueue {
    /// Waits until there is room for another line.
    pub(crate) async fn room(&self) {
        while self.contents.lock().bytes >= MOST_BYTES {
            // A notification that comes before this is kept for the one task that waits.
            self.emptied.notified().await;
        }
    }

    /// Adds a message. There is room for it, because `room` was awaited before it was read.
    pub(crate) fn line(&self, text: &str) {
        let mut contents = self.contents.lock();
        if contents.ended {
            return;
        }
        contents.bytes += text.len();
        match contents.batches.back_mut() {
            Some(Batch::Lines(lines)) if lines.len() + text.len() < BATCH_BYTES => {
                line::write(lines, text);
            }
            _ => {
                let mut lines = Vec::with_capacity(text.len() + 1);
                line::write(&mut lines, text);
                contents.batches.push_back(Batch::Lines(lines));
            }
        }
        drop(contents);
        self.filled.notify_one();
    }

    /// Adds another item. There are only a few of them for each connection.
    pub(crate) fn put(&self, batch: Batch) {
        let mut contents = self.contents.lock();
        if contents.ended {
            return;
        }
        contents.ended = matches!(batch, Batch::End(_));
        contents.batches.push_back(batch);
        drop(contents);
        self.filled.notify_one();
    }

    /// The next item; `None` after the end.
    pub(crate) async fn take(&self) -> Option<Batch> {
        loop {
            // Looked at first: the end may come behind a look at an empty queue, and must be taken.
            let ended = self.contents.lock().ended;
            if let Some(batch) = self.pop() {
                self.emptied.notify_one();
                return Some(batch);
            }
            if ended {
                return None;
            }
            self.filled.notified().await;
        }
    }

    fn pop(&self) -> Option<Batch> {
        let mut contents = self.contents.lock();
        let batch = contents.batches.pop_front()?;
        if let Batch::Lines(lines) = &batch {
            // Each line is one byte longer than its text.
            let breaks = lines.iter().filter(|&&byte| byte == b'\n').count();
            contents.bytes -= lines.len() - breaks;
        }
        Some(batch)
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
    async fn lines_are_taken_together_and_in_order_with_what_came_between() {
        let queue = BoundedQueue::default();
        queue.line("a");
        queue.line("b");
        queue.put(Batch::Gap("gap".to_owned()));
        queue.line("c");
        queue.put(Batch::End(Ok("over".to_owned())));
        queue.line("too late");
        assert_eq!(queue.take().await, Some(Batch::Lines(b"a\nb\n".to_vec())));
        assert_eq!(queue.take().await, Some(Batch::Gap("gap".to_owned())));
        assert_eq!(queue.take().await, Some(Batch::Lines(b"c\n".to_vec())));
        assert_eq!(queue.take().await, Some(Batch::End(Ok("over".to_owned()))));
        assert_eq!(queue.take().await, None);
    }

    #[tokio::test]
    async fn a_reader_that_does_not_take_leaves_no_room() {
        let queue = BoundedQueue::default();
        let text = "x".repeat(BATCH_BYTES);
        while is_ready(queue.room()) {
            queue.line(&text);
        }
        assert!(queue.contents.lock().bytes < MOST_BYTES + text.len());
        queue.take().await;
        assert!(is_ready(queue.room()));
        while queue.contents.lock().bytes > 0 {
            queue.take().await;
        }
    }

    #[tokio::test]
    async fn whoever_waits_is_told() {
        let queue = std::sync::Arc::new(BoundedQueue::default());
        let taker = tokio::spawn({
            let queue = std::sync::Arc::clone(&queue);
            async move { queue.take().await }
        });
        tokio::task::yield_now().await;
        queue.line("a");
        assert_eq!(taker.await.unwrap(), Some(Batch::Lines(b"a\n".to_vec())));
    }
}
