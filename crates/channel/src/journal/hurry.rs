//! Hurrying: what a callback waits for must not itself wait for the room that this callback holds back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::journal::Journal;
use super::published::Limit;

/// Somebody inside a callback waits for a source. Until it is dropped, publishers that would wait use the reserve.
#[derive(Debug)]
pub struct Hurry(Arc<Journal>);

impl Journal {
    /// For a thread that is inside a callback and waits for what sources do. Publishers that wait already are woken.
    #[must_use]
    pub fn hurry(self: &Arc<Self>) -> Hurry {
        // Before they are woken: whoever looks again finds it. See `limit`.
        self.hurried.fetch_add(1, Ordering::SeqCst);
        self.make_room();
        Hurry(Arc::clone(self))
    }

    /// What a publisher may use that would have to wait. To be asked after it can be woken.
    pub(super) fn limit(&self) -> Limit {
        if self.hurried.load(Ordering::SeqCst) == 0 {
            Limit::Mark
        } else {
            Limit::Hard
        }
    }
}

impl Hurry {
    /// How many publishers wait although they may use the reserve, because that is used up, too.
    #[must_use]
    pub fn stuck(&self) -> usize {
        self.0.stuck.load(Ordering::SeqCst)
    }

    /// The journal.
    #[must_use]
    pub const fn journal(&self) -> &Arc<Journal> {
        &self.0
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.hurried.fetch_sub(1, Ordering::SeqCst);
    }
}
