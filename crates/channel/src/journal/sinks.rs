//! The sinks: the readers of the journal, and how parked readers are woken.

use std::sync::Arc;

use parking_lot::RwLock;
use smallvec::SmallVec;

use super::park::{ParkFlag, ParkedCount};

/// Wakes one sink of the journal when it is parked.
pub trait SinkWaker: Send + Sync {
    /// There is something to read. Called by the publisher outside the journal's lock; must not block. `woken` is
    /// how many sinks this event wakes: work that is cheap for one sink is not for hundreds.
    fn wake(&self, woken: usize);
}

struct Sink {
    park_flag: Arc<ParkFlag>,
    waker: Arc<dyn SinkWaker>,
}

/// The readers of one journal.
#[derive(Default)]
pub(super) struct Sinks {
    all: RwLock<Vec<Sink>>,
    parked: ParkedCount,
}

impl Sinks {
    /// Wakes the parked readers: there is a new event, which the caller has appended under the journal's lock.
    #[inline]
    pub(super) fn wake(&self) {
        if self.parked.any_after_lock() {
            self.wake_parked();
        }
    }

    #[cold]
    fn wake_parked(&self) {
        // The wakers are collected first: one of them may take a while (it may write the event to a socket), and
        // the lock must not be held meanwhile.
        let woken: SmallVec<[Arc<dyn SinkWaker>; 4]> = {
            let sinks = self.all.read();
            let asleep = sinks
                .iter()
                .filter(|sink| sink.park_flag.unpark(&self.parked));
            asleep.map(|sink| Arc::clone(&sink.waker)).collect()
        };
        for waker in &woken {
            waker.wake(woken.len());
        }
    }

    /// Adds a reader, unless the journal is closed. `is_closed` is called under the lock that [`Sinks::clear`] takes.
    pub(super) fn add(
        &self,
        waker: Arc<dyn SinkWaker>,
        is_closed: impl FnOnce() -> bool,
    ) -> Arc<ParkFlag> {
        let park_flag = Arc::new(ParkFlag::default());
        let mut all = self.all.write();
        if !is_closed() {
            all.push(Sink {
                park_flag: Arc::clone(&park_flag),
                waker,
            });
        }
        park_flag
    }

    pub(super) fn remove(&self, park_flag: &Arc<ParkFlag>) {
        self.all
            .write()
            .retain(|sink| !Arc::ptr_eq(&sink.park_flag, park_flag));
        // This comes last: a reader that parks meanwhile would be counted as parked forever.
        let _ = park_flag.unpark(&self.parked);
    }

    /// Removes all readers: there will be no more events.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.all.write());
        // Outside of the lock: dropping a sink may call `remove`.
        drop(all);
    }

    #[inline]
    pub(super) fn park(&self, park_flag: &ParkFlag, news: impl FnOnce() -> bool) -> bool {
        park_flag.park(&self.parked, news)
    }

    #[inline]
    pub(super) fn unpark(&self, park_flag: &ParkFlag) -> bool {
        self.parked.any() && park_flag.unpark(&self.parked)
    }
}
