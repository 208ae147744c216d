//! Whether this thread is inside a callback.

use std::cell::Cell;

use loopwire_runtime::{Class, Failure, Outcome};

thread_local! {
    static INSIDE: Cell<usize> = const { Cell::new(0) };
}

/// This thread calls C until it is dropped.
pub(super) struct Inside(());

impl Inside {
    pub(super) fn enter() -> Self {
        INSIDE.set(INSIDE.get() + 1);
        Self(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(INSIDE.get() - 1);
    }
}

/// Whether the caller is a callback of this library: then it must not wait for what callbacks hold back.
pub(crate) fn is_inside() -> bool {
    INSIDE.get() > 0
}

/// Refuses the call inside a callback.
pub(crate) fn outside(why: &'static str) -> Outcome<()> {
    match is_inside() {
        true => Err(Failure::new(Class::Error, "ERR_IN_CALLBACK", why)),
        false => Ok(()),
    }
}
