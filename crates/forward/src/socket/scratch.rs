//! The buffer of a thread.

use std::cell::RefCell;

/// Its size: large enough that bulk traffic needs few system calls.
const SIZE: usize = 64 << 10;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SIZE].into_boxed_slice());
}

/// Lends the buffer of this thread. It holds bytes only within a single poll, so ten thousand idle connections need no
/// buffer.
pub(super) fn with_scratch<T>(using: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|buffer| using(buffer))
}
