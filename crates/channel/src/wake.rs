//! How sleepers are woken: two rules, small enough to be modelled with loom, over std types only.
//!
//! A wake-up costs forty times as much as the rest of a publish, so it must be rare; and one that is lost
//! leaves a client waiting for ever. Both rules live here and nowhere else.

#[cfg(loopwire_loom)]
use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize, Ordering, fence},
};
#[cfg(not(loopwire_loom))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize, Ordering, fence},
};

/// How many readers sleep. A publisher that finds zero does nothing more.
#[derive(Debug, Default)]
pub(crate) struct Sleepers(AtomicUsize);

impl Sleepers {
    /// Whether anybody may be asleep, asked after the news has been made visible.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        // Pairs with the fence in `doze`: either we see the sleeper, or the sleeper sees our news.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Relaxed) != 0
    }
}

/// One reader's asleep flag. Whoever clears it owes the reader a ring.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    asleep: AtomicBool,
}

impl Bell {
    /// Goes to sleep unless `news` finds something. Returns whether the reader sleeps now; if so, exactly
    /// one `rouse` will succeed.
    pub(crate) fn doze(&self, sleepers: &Sleepers, news: impl FnOnce() -> bool) -> bool {
        if self.asleep.load(Ordering::Relaxed) {
            return true;
        }
        sleepers.0.fetch_add(1, Ordering::Relaxed);
        // Release: who takes the flag also sees the count above, and cannot take it below its true value.
        self.asleep.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        // With news in sight we stay awake, unless a publisher has just taken the flag: then its ring is
        // on the way, and sleeping until it comes is right.
        !(news() && self.rouse(sleepers))
    }

    /// Takes the reader out of its sleep. True for exactly one caller, who must ring it.
    #[inline]
    pub(crate) fn rouse(&self, sleepers: &Sleepers) -> bool {
        let took = self.asleep.load(Ordering::Relaxed) && self.asleep.swap(false, Ordering::AcqRel);
        if took {
            sleepers.0.fetch_sub(1, Ordering::Relaxed);
        }
        took
    }
}

/// A piece of work that one thread does at a time and nobody waits for: who finds it taken leaves a mark,
/// and the one at work looks again after unlocking.
///
/// `dirty` is only ever touched by read-modify-writes: these are never stale. Either the last look of the
/// one at work finds the mark, or the mark was left after that look, hence after the unlocking, and then
/// `try_lock` succeeds. (A plain load may pass the unlocking; loom finds that.)
#[derive(Debug, Default)]
pub(crate) struct Turn<T> {
    dirty: AtomicBool,
    state: Mutex<T>,
}

impl<T> Turn<T> {
    pub(crate) fn new(state: T) -> Self {
        Self {
            dirty: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// Has `work` done: here and now, or by whoever is at it.
    pub(crate) fn poke(&self, work: impl FnMut(&mut T)) {
        self.dirty.swap(true, Ordering::AcqRel);
        self.settle(work);
    }

    /// Changes the state, waiting for the one at work; then has `work` done as [`Turn::poke`] does.
    pub(crate) fn change<R>(
        &self,
        change: impl FnOnce(&mut T) -> R,
        work: impl FnMut(&mut T),
    ) -> R {
        let result = change(&mut self.enter());
        self.poke(work);
        result
    }

    /// Looks at the state, waiting for the one at work; does `work` only if somebody wanted it meanwhile.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&T) -> R, work: impl FnMut(&mut T)) -> R {
        let result = look(&self.enter());
        self.settle(work);
        result
    }

    /// Works while there is a mark. Everybody who has held the lock comes by here after letting it go.
    fn settle(&self, mut work: impl FnMut(&mut T)) {
        while self.dirty.fetch_or(false, Ordering::AcqRel) {
            let Some(mut state) = self.try_enter() else {
                return;
            };
            // Cleared before the look: what comes later sets it again.
            if self.dirty.swap(false, Ordering::AcqRel) {
                work(&mut state);
            }
            // The next look at the mark comes after the unlocking, never before it.
            drop(state);
        }
    }

    fn enter(&self) -> MutexGuard<'_, T> {
        // A panic inside `work` closes the connection elsewhere; the state itself stays usable.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn try_enter(&self) -> Option<MutexGuard<'_, T>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

#[cfg(all(test, loopwire_loom))]
mod model {
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
            let shared = Arc::new((Sleepers::default(), Bell::default(), AtomicU64::new(0)));
            let publishers: Vec<_> = (0..2)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        shared.2.fetch_add(1, Ordering::Release);
                        shared.0.any() && shared.1.rouse(&shared.0)
                    })
                })
                .collect();
            let sleeps = shared
                .1
                .doze(&shared.0, || shared.2.load(Ordering::Acquire) != 0);
            let rings = publishers
                .into_iter()
                .map(|publisher| publisher.join().unwrap())
                .filter(|rang| *rang)
                .count();
            // Asleep with two events published: exactly one ring. Awake: nobody rang, or nobody had to.
            assert_eq!(rings, usize::from(sleeps));
            assert_eq!(shared.0.0.load(Ordering::SeqCst), 0);
        });
    }

    #[test]
    fn work_that_is_found_taken_is_done_by_the_one_at_work() {
        model(|| {
            let turn = Arc::new((Turn::new(0_u64), AtomicU64::new(0)));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let turn = Arc::clone(&turn);
                    thread::spawn(move || {
                        turn.1.fetch_add(1, Ordering::SeqCst);
                        turn.0.poke(|seen| {
                            *seen = turn.1.load(Ordering::SeqCst);
                            // The lock is still held for a while: loom switches threads at atomics only.
                            turn.1.load(Ordering::SeqCst);
                        });
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            turn.0.poke(|seen| assert_eq!(*seen, 2));
        });
    }
}
