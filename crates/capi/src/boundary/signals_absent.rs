//! The same where there are no signals.

/// Nothing.
#[derive(Clone, Copy)]
pub(crate) struct CallbackMask;

impl CallbackMask {
    pub(crate) const fn of_caller() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "elsewhere it is used")]
    pub(crate) fn during<T>(&self, callbacks: impl FnOnce() -> T) -> T {
        callbacks()
    }
}

/// Calls `work`.
pub(crate) fn blocked<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Calls `wait`.
pub(crate) fn unblocked<T>(wait: impl FnOnce() -> T) -> T {
    wait()
}
