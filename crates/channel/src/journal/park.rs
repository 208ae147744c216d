//! How parked readers are woken: one rule, small enough to be modelled with loom, over std types only.
//!
//! A wake-up costs forty times as much as the rest of a publish, so it must be rare; and one that is lost
//! leaves a client waiting for ever.

#[cfg(loopwire_loom)]
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
#[cfg(not(loopwire_loom))]
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

/// How many readers sleep. A publisher that finds zero does nothing more.
#[derive(Debug, Default)]
pub(super) struct ParkedCount(AtomicUsize);

impl ParkedCount {
    /// Whether anybody may be asleep, asked after the news has been made visible.
    #[inline]
    pub(super) fn any(&self) -> bool {
        // Pairs with the fence in `park`: either we see the sleeper, or the sleeper sees our news.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Relaxed) != 0
    }
}

/// One reader's asleep flag. Whoever clears it must wake the reader.
#[derive(Debug, Default)]
pub(crate) struct ParkFlag {
    asleep: AtomicBool,
}

impl ParkFlag {
    /// Goes to sleep unless `news` finds something. Returns whether the reader sleeps now; if so, exactly
    /// one `unpark` will succeed.
    pub(super) fn park(&self, parked: &ParkedCount, news: impl FnOnce() -> bool) -> bool {
        if self.asleep.load(Ordering::Relaxed) {
            return true;
        }
        parked.0.fetch_add(1, Ordering::Relaxed);
        // Release: who takes the flag also sees the count above, and cannot take it below its true value.
        self.asleep.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        // With news in sight we stay awake, unless a publisher has just taken the flag: then its wake-up is
        // on the way, and sleeping until it comes is right.
        !(news() && self.unpark(parked))
    }

    /// Takes the reader out of its sleep. True for exactly one caller, who must wake it.
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
    use loom::sync::{Arc, atomic::AtomicU64};
    use loom::thread;

    /// Three preemptions find every mistake that was tried, in seconds; all of them would take minutes.
    fn model(run: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(run);
    }

    #[test]
    fn a_reader_that_falls_asleep_while_an_event_is_published_is_rung_or_sees_it() {
        model(|| {
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
            let rings = publishers
                .into_iter()
                .map(|publisher| publisher.join().unwrap())
                .filter(|rang| *rang)
                .count();
            // Asleep with two events published: exactly one wake-up. Awake: nobody rang, or nobody had to.
            assert_eq!(rings, usize::from(sleeps));
            assert_eq!(shared.0.0.load(Ordering::SeqCst), 0);
        });
    }
}
