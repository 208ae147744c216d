//! Wakes the thread of a sink.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};

use loopwire_channel::SinkWaker;

/// The flag of one thread that waits.
#[derive(Default)]
pub(super) struct Waker {
    /// Set once the thread runs; what comes before is found by its first look.
    thread: OnceLock<Thread>,
    awake: AtomicBool,
}

impl SinkWaker for Waker {
    fn wake(&self, _woken: usize) {
        self.awake.store(true, Ordering::Release);
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Waker {
    /// The calling thread is the one to be woken.
    pub(super) fn belongs_to_this_thread(&self) {
        let _ = self.thread.set(thread::current());
    }

    pub(super) fn wait(&self) {
        while !self.awake.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}
