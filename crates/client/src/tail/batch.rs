//! What is taken from a tail.

use super::line;
use crate::queue::Item;

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

impl Batch {
    /// One message.
    pub(super) fn line(text: &str) -> Self {
        let mut lines = Vec::with_capacity(text.len() + 1);
        line::write(&mut lines, text);
        Self::Lines(lines)
    }
}

impl Item for Batch {
    /// The bytes of the messages, without the line feeds.
    fn cost(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.iter().filter(|&&byte| byte != b'\n').count(),
            _ => 0,
        }
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::End(_))
    }

    fn join(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Lines(lines), Self::Lines(more)) if lines.len() + more.len() <= BATCH_BYTES => {
                lines.extend(more);
                None
            }
            (_, next) => Some(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{BoundedQueue, MOST_BYTES, is_ready};

    #[tokio::test]
    async fn lines_are_taken_together_and_in_order_with_what_came_between() {
        let queue = BoundedQueue::default();
        queue.put(Batch::line("a"));
        queue.put(Batch::line("b"));
        queue.put(Batch::Gap("gap".to_owned()));
        queue.put(Batch::line("c"));
        queue.put(Batch::End(Ok("over".to_owned())));
        queue.put(Batch::line("too late"));
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
            queue.put(Batch::line(&text));
        }
        assert!(queue.bytes() < MOST_BYTES + text.len());
        queue.take().await;
        assert!(is_ready(queue.room()));
        while queue.bytes() > 0 {
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
        queue.put(Batch::line("a"));
        assert_eq!(taker.await.unwrap(), Some(Batch::Lines(b"a\n".to_vec())));
    }
}
