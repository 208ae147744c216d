//! A combining lock: its holder also does the work of threads that found it locked. It is small enough to be modelled
//! with loom, with std types only.

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

/// A lock for work that only one thread does at a time and for which no thread waits. A thread that finds it locked
/// sets a mark, and the holder checks the mark again after unlocking.
///
/// `dirty` is accessed only by read-modify-write operations, which never read an old value. Either the last check of
/// the holder finds the mark, or the mark was set after that check, so after the unlocking, and then `try_lock`
/// succeeds. (A plain load may be reordered before the unlocking; loom finds that.)
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

    /// Runs `work`: in this thread now, or in the thread that holds the lock.
    pub(super) fn run(&self, work: impl FnMut(&mut T)) {
        self.dirty.swap(true, Ordering::AcqRel);
        self.settle(work);
    }

    /// Waits for the lock and changes the state. Then runs `work` as [`CombiningLock::run`] does.
    pub(super) fn update<R>(
        &self,
        update: impl FnOnce(&mut T) -> R,
        work: impl FnMut(&mut T),
    ) -> R {
        let result = update(&mut self.enter());
        self.run(work);
        result
    }

    /// Waits for the lock and reads the state. Runs `work` only if another thread asked for it meanwhile.
    pub(super) fn read<R>(&self, read: impl FnOnce(&T) -> R, work: impl FnMut(&mut T)) -> R {
        let result = read(&self.enter());
        self.settle(work);
        result
    }

    /// Works while there is a mark. Called after every unlocking.
    fn settle(&self, mut work: impl FnMut(&mut T)) {
        while self.dirty.fetch_or(false, Ordering::AcqRel) {
            let Some(mut state) = self.try_enter() else {
                return;
            };
            // Cleared before the work: a later call sets it again.
            if self.dirty.swap(false, Ordering::AcqRel) {
                work(&mut state);
            }
            // The next check of the mark comes after the unlocking, never before it.
            drop(state);
        }
    }

    fn enter(&self) -> MutexGuard<'_, T> {
        // After a panic in `work` the connection is closed elsewhere; the state is still usable.
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
    use crate::interleavings::try_all;
    use loom::sync::{Arc, atomic::AtomicU64};
    use loom::thread;

    #[test]
    fn work_for_a_locked_lock_is_done_by_its_holder() {
        try_all(|| {
            let lock = Arc::new((CombiningLock::new(0_u64), AtomicU64::new(0)));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let lock = Arc::clone(&lock);
                    thread::spawn(move || {
                        lock.1.fetch_add(1, Ordering::SeqCst);
                        lock.0.run(|seen| {
                            *seen = lock.1.load(Ordering::SeqCst);
                            // The lock is held a little longer: loom switches threads only at atomics.
                            lock.1.load(Ordering::SeqCst);
                        });
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            lock.0.run(|seen| assert_eq!(*seen, 2));
        });
    }
}
