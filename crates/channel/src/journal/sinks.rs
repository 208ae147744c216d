//! The sinks: who reads the journal, and how those that sleep are woken.

use std::sync::Arc;

use parking_lot::RwLock;
use smallvec::SmallVec;

use super::wake::{Bell, Sleepers};

/// A sleeper's way to be woken, given to [`Journal::subscribe`].
pub trait Ring: Send + Sync {
    /// News is there. Called by the publisher, outside the journal's lock; must not block. `company` is how
    /// many sinks this one event wakes: what is cheap for one is not for hundreds.
    fn ring(&self, company: usize);
}

struct Sink {
    bell: Arc<Bell>,
    ring: Arc<dyn Ring>,
}

/// The readers of one journal.
#[derive(Default)]
pub(super) struct Sinks {
    all: RwLock<Vec<Sink>>,
    sleepers: Sleepers,
}

impl Sinks {
    /// Wakes the readers that sleep: there is a new event.
    #[inline]
    pub(super) fn ring(&self) {
        if self.sleepers.any() {
            self.ring_sleepers();
        }
    }

    #[cold]
    fn ring_sleepers(&self) {
        // The rings are collected first: one may take a while (a lone event is written right here), and
        // nobody who comes or goes should wait for that.
        let roused: SmallVec<[Arc<dyn Ring>; 4]> = {
            let sinks = self.all.read();
            let asleep = sinks.iter().filter(|sink| sink.bell.rouse(&self.sleepers));
            asleep.map(|sink| Arc::clone(&sink.ring)).collect()
        };
        for ring in &roused {
            ring.ring(roused.len());
        }
    }

    /// Adds a reader, unless the journal is closed by then: `is_closed` is asked under the lock that
    /// [`Sinks::clear`] takes.
    pub(super) fn add(&self, ring: Arc<dyn Ring>, is_closed: impl FnOnce() -> bool) -> Arc<Bell> {
        let bell = Arc::new(Bell::default());
        let mut all = self.all.write();
        if !is_closed() {
            all.push(Sink {
                bell: Arc::clone(&bell),
                ring,
            });
        }
        bell
    }

    pub(super) fn remove(&self, bell: &Arc<Bell>) {
        self.all
            .write()
            .retain(|sink| !Arc::ptr_eq(&sink.bell, bell));
        // Last, or a reader that dozes off meanwhile would be counted as asleep for ever.
        let _ = bell.rouse(&self.sleepers);
    }

    /// Forgets all readers: there is nothing left to ring for.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.all.write());
        // Outside of the lock: what a sink drops may unsubscribe.
        drop(all);
    }

    #[inline]
    pub(super) fn doze(&self, bell: &Bell, news: impl FnOnce() -> bool) -> bool {
        bell.doze(&self.sleepers, news)
    }

    #[inline]
    pub(super) fn rouse(&self, bell: &Bell) -> bool {
        self.sleepers.any() && bell.rouse(&self.sleepers)
    }
}
