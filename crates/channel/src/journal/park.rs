//! How readers are parked and unparked: one rule, small enough to be modelled with loom, with std types only.
//!
//! A wake-up costs forty times as much as the rest of a publish, so it must be rare. A lost wake-up would leave a
//! client waiting forever.

#[cfg(loopwire_loom)]
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
#[cfg(not(loopwire_loom))]
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

/// How many readers are parked. A publisher that finds zero does nothing more.
#[derive(Debug, Default)]
pub(super) struct ParkedCount(AtomicUsize);

impl ParkedCount {
    /// Whether any reader may be parked. To be called after the new event has become visible.
    #[inline]
    pub(super) fn any(&self) -> bool {
        // Pairs with the fence in `park`: either we see the parked reader, or the reader sees the new event.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Relaxed) != 0
    }

    /// The same without the fence, for whoever has just held a lock that the `news` of every reader takes before it looks:
    /// one of them came first. If it was the reader, the lock has shown us that it is parked; if not, it sees the event.
    #[inline]
    pub(super) fn any_after_lock(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }
}

/// The flag of one reader: whether it is parked. The caller that clears it must wake the reader.
#[derive(Debug, Default)]
pub(crate) struct ParkFlag {
    asleep: AtomicBool,
}

impl ParkFlag {
    /// Parks the reader unless `news` is true. Returns whether the reader is parked now; if so, exactly one `unpark`
    /// will succeed.
    pub(super) fn park(&self, parked: &ParkedCount, news: impl FnOnce() -> bool) -> bool {
        if self.asleep.load(Ordering::Relaxed) {
            return true;
        }
        parked.0.fetch_add(1, Ordering::Relaxed);
        // Release: a thread that clears the flag also sees the count above, and cannot make it too low.
        self.asleep.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        // If there is news, the reader is not parked, unless a publisher has just cleared the flag: then its wake-up
        // is on the way, and waiting for it is right.
        !(news() && self.unpark(parked))
    }

    /// Unparks the reader. True for exactly one caller, which must wake the reader.
    #[inline]
    pub(super) fn unpark(&self, parked: &ParkedCount) -> bool {
        let took = self.asleep.load(Ordering::Relaxed) && self.asleep.swap(false, Ordering::AcqRel);
        if took {
            parked.0.fetch_sub(1, Ordering::Relaxed);
        }
        took
    }
}

#[cfg(all(test, loopwire_loom))]
mod loom_model {
    use super::*;
    use crate::interleavings::try_all;
    use loom::sync::{Arc, Mutex, atomic::AtomicU64};
    use loom::thread;

    #[test]
    fn a_reader_that_parks_while_an_event_is_published_is_woken_or_sees_the_event() {
        try_all(|| {
            let shared = Arc::new((
                ParkedCount::default(),
                ParkFlag::default(),
                AtomicU64::new(0),
            ));
            let publishers: Vec<_> = (0..2)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        shared.2.fetch_add(1, Ordering::Release);
                        shared.0.any() && shared.1.unpark(&shared.0)
                    })
                })
                .collect();
            let sleeps = shared
                .1
                .park(&shared.0, || shared.2.load(Ordering::Acquire) != 0);
            let wakes = publishers
                .into_iter()
                .map(|publisher| publisher.join().unwrap())
                .filter(|woken| *woken)
                .count();
            // Parked with two events published: exactly one wake-up. Not parked: no wake-up, or none was needed.
            assert_eq!(wakes, usize::from(sleeps));
            assert_eq!(shared.0.0.load(Ordering::SeqCst), 0);
        });
    }

    #[test]
    fn a_reader_that_parks_while_an_event_is_published_under_a_lock_is_woken_or_sees_the_event() {
        try_all(|| {
            let shared = Arc::new((ParkedCount::default(), ParkFlag::default(), Mutex::new(0)));
            let publishers: Vec<_> = (0..2)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        let mut events = shared.2.lock().unwrap();
                        *events += 1;
                        drop(events);
                        shared.0.any_after_lock() && shared.1.unpark(&shared.0)
                    })
                })
                .collect();
            let sleeps = shared.1.park(&shared.0, || *shared.2.lock().unwrap() != 0);
            let wakes = publishers
                .into_iter()
                .map(|publisher| publisher.join().unwrap())
                .filter(|woken| *woken)
                .count();
            assert_eq!(wakes, usize::from(sleeps));
            assert_eq!(shared.0.0.load(Ordering::SeqCst), 0);
        });
    }
}
