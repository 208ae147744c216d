//! Who is called: set by any thread, taken over by the thread of the sink between two calls.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Condvar, Mutex};

use super::target::Target;
use crate::boundary::unblocked;

/// The target of a sink.
pub(super) struct Handover {
    /// There is another target than the one that the thread has. It looks at this before each call.
    news: AtomicBool,
    state: Mutex<State>,
    taken: Condvar,
}

struct State {
    /// Nothing once the sink is stopped; that cannot be undone.
    target: Option<Target>,
    /// How many targets there were.
    version: u64,
    /// The version that the thread has.
    taken: u64,
}

impl Handover {
    pub(super) const fn new(target: Target) -> Self {
        Self {
            news: AtomicBool::new(false),
            state: Mutex::new(State {
                target: Some(target),
                version: 1,
                taken: 0,
            }),
            taken: Condvar::new(),
        }
    }

    /// Sets the target, or stops. The version to wait for; nothing if it was stopped before.
    pub(super) fn set(&self, target: Option<Target>) -> Option<u64> {
        let mut state = self.state.lock();
        state.target.as_ref()?;
        state.target = target;
        state.version += 1;
        self.news.store(true, Ordering::SeqCst);
        Some(state.version)
    }

    /// For the thread, between two calls: the target, from now on.
    pub(super) fn take(&self) -> Option<Target> {
        let mut state = self.state.lock();
        self.news.store(false, Ordering::SeqCst);
        state.taken = state.version;
        self.taken.notify_all();
        state.target
    }

    pub(super) fn has_news(&self) -> bool {
        self.news.load(Ordering::Relaxed)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state.lock().target.is_none()
    }

    /// Waits until the thread has that version, so that no call with an earlier one runs.
    pub(super) fn wait(&self, version: u64) {
        unblocked(|| {
            let mut state = self.state.lock();
            while state.taken < version {
                self.taken.wait(&mut state);
            }
        });
    }
}
