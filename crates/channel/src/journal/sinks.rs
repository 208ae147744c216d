//! The sinks: who reads the journal, and how those that sleep are woken.

use std::sync::Arc;

use parking_lot::RwLock;
use smallvec::SmallVec;

use super::park::{ParkFlag, ParkedCount};

/// A sleeper's way to be woken, given to `Journal::subscribe`.
pub trait SinkWaker: Send + Sync {
    /// News is there. Called by the publisher, outside the journal's lock; must not block. `woken` is how
    /// many sinks this one event wakes: what is cheap for one is not for hundreds.
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
    /// Wakes the readers that sleep: there is a new event.
    #[inline]
    pub(super) fn wake(&self) {
        if self.parked.any() {
            self.wake_parked();
        }
    }

    #[cold]
    fn wake_parked(&self) {
        // The rings are collected first: one may take a while (a lone event is written right here), and
        // nobody who comes or goes should wait for that.
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

    /// Adds a reader, unless the journal is closed by then: `is_closed` is asked under the lock that
    /// [`Sinks::clear`] takes.
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
        // Last, or a reader that dozes off meanwhile would be counted as asleep for ever.
        let _ = park_flag.unpark(&self.parked);
    }

    /// Forgets all readers: there is nothing left to wake for.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut *self.all.write());
        // Outside of the lock: what a sink drops may unsubscribe.
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
