//! A lock whose holder does the work of those that found it taken: small enough to be modelled with loom,
//! over std types only.

#[cfg(loopwire_loom)]
use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};
#[cfg(not(loopwire_loom))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

/// A piece of work that one thread does at a time and nobody waits for: who finds it taken leaves a mark,
/// and the one at work looks again after unlocking.
///
/// `dirty` is only ever touched by read-modify-writes: these are never stale. Either the last read of the
/// one at work finds the mark, or the mark was left after that read, hence after the unlocking, and then
/// `try_lock` succeeds. (A plain load may pass the unlocking; loom finds that.)
#[derive(Debug, Default)]
pub(super) struct CombiningLock<T> {
    dirty: AtomicBool,
    state: Mutex<T>,
}

impl<T> CombiningLock<T> {
    pub(super) fn new(state: T) -> Self {
        Self {
            dirty: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// Has `work` done: here and now, or by whoever is at it.
    pub(super) fn run(&self, work: impl FnMut(&mut T)) {
        self.dirty.swap(true, Ordering::AcqRel);
        self.settle(work);
    }

    /// Changes the state, waiting for the one at work; then has `work` done as [`CombiningLock::run`] does.
    pub(super) fn update<R>(
        &self,
        update: impl FnOnce(&mut T) -> R,
        work: impl FnMut(&mut T),
    ) -> R {
        let result = update(&mut self.enter());
        self.run(work);
        result
    }

    /// Looks at the state, waiting for the one at work; does `work` only if somebody wanted it meanwhile.
    pub(super) fn read<R>(&self, read: impl FnOnce(&T) -> R, work: impl FnMut(&mut T)) -> R {
        let result = read(&self.enter());
        self.settle(work);
        result
    }

    /// Works while there is a mark. Everybody who has held the lock comes by here after letting it go.
    fn settle(&self, mut work: impl FnMut(&mut T)) {
        while self.dirty.fetch_or(false, Ordering::AcqRel) {
            let Some(mut state) = self.try_enter() else {
                return;
            };
            // Cleared before the read: what comes later sets it again.
            if self.dirty.swap(false, Ordering::AcqRel) {
                work(&mut state);
            }
            // The next read at the mark comes after the unlocking, never before it.
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
    fn work_that_is_found_taken_is_done_by_the_one_at_work() {
        model(|| {
            let turn = Arc::new((CombiningLock::new(0_u64), AtomicU64::new(0)));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let turn = Arc::clone(&turn);
                    thread::spawn(move || {
                        turn.1.fetch_add(1, Ordering::SeqCst);
                        turn.0.run(|seen| {
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
            turn.0.run(|seen| assert_eq!(*seen, 2));
        });
    }
}
