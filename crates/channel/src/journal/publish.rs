//! Publishing: the four ways to append an event, and the wait for room.

use std::sync::atomic::Ordering;

use super::contents::Contents;
use super::journal::Journal;
use super::published::{Limit, PublishError, Published};
use super::waiting::Waiting;
use crate::event::Event;

impl Journal {
    /// Publishes an event. Waits while a callback is too far behind; at a [`Journal::hurry`] it uses the reserve first. For
    /// asynchronous sources.
    ///
    /// # Errors
    /// [`PublishError::TooLarge`], [`PublishError::Closed`].
    pub async fn publish(&self, event: &Event) -> Result<u64, PublishError> {
        loop {
            match self.push(event, Limit::Mark) {
                Err(PublishError::Full) => {}
                result => return result.map(|published| published.seq),
            }
            let _waiting = Waiting::new(&self.waiting);
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            // Room may have been made between the first attempt and `enable`.
            let limit = self.limit();
            match self.push(event, limit) {
                Err(PublishError::Full) => {
                    let _stuck = self.stuck(limit);
                    room.await;
                }
                result => return result.map(|published| published.seq),
            }
        }
    }

    /// Like [`Journal::publish`], for a thread that may block.
    ///
    /// # Errors
    /// [`PublishError::TooLarge`], [`PublishError::Closed`].
    pub fn publish_blocking(&self, event: &Event) -> Result<u64, PublishError> {
        match self.push(event, Limit::Mark) {
            Err(PublishError::Full) => {}
            result => return result.map(|published| published.seq),
        }
        let _waiting = Waiting::new(&self.waiting);
        let mut contents = self.contents.lock();
        loop {
            let limit = self.limit();
            match self.append(&mut contents, event, limit) {
                Err(PublishError::Full) => {
                    let _stuck = self.stuck(limit);
                    self.room_blocking.wait(&mut contents);
                }
                result => {
                    drop(contents);
                    self.sinks.wake();
                    return result.map(|published| published.seq);
                }
            }
        }
    }

    /// Counts a publisher that has found even the reserve used up.
    fn stuck(&self, limit: Limit) -> Option<Waiting<'_>> {
        matches!(limit, Limit::Hard).then(|| Waiting::new(&self.stuck))
    }

    /// Publishes if there is room below the high-water mark. For events that may be dropped.
    ///
    /// # Errors
    /// [`PublishError::Full`], [`PublishError::TooLarge`], [`PublishError::Closed`].
    pub fn try_publish(&self, event: &Event) -> Result<u64, PublishError> {
        self.push(event, Limit::Mark).map(|published| published.seq)
    }

    /// Publishes and may use the reserve. For publishers that must not wait: `emit`, exports, the channel itself.
    ///
    /// # Errors
    /// [`PublishError::Full`] at the hard limit, [`PublishError::TooLarge`], [`PublishError::Closed`].
    #[inline]
    pub fn publish_now(&self, event: &Event) -> Result<Published, PublishError> {
        self.push(event, Limit::Hard)
    }

    #[inline]
    fn push(&self, event: &Event, limit: Limit) -> Result<Published, PublishError> {
        let published = self.append(&mut self.contents.lock(), event, limit)?;
        self.sinks.wake();
        Ok(published)
    }

    #[inline]
    fn append(
        &self,
        contents: &mut Contents,
        event: &Event,
        limit: Limit,
    ) -> Result<Published, PublishError> {
        // Under the lock, so that the head never goes back.
        let set_head = |seq| self.head.store(seq, Ordering::Release);
        contents.append(event, limit, self.bounds, set_head)
    }
}
