//! Wakes the watcher's thread from another one.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Wakes the watcher's thread. Clones wake the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waker(Arc<(Mutex<bool>, Condvar)>);

impl Waker {
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it needs a descriptor")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self::default())
    }

    pub(crate) fn wake(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_one();
    }

    pub(super) fn wait(&self, timeout: Option<Duration>) {
        let until = timeout.map(|timeout| Instant::now() + timeout);
        let mut woken = self.0.0.lock();
        while !*woken {
            match until {
                Some(until) if self.0.1.wait_until(&mut woken, until).timed_out() => break,
                Some(_) => {}
                None => self.0.1.wait(&mut woken),
            }
        }
        *woken = false;
    }
}
