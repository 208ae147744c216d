//! The events that wait for the watcher's thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::waker::Waker;
use crate::watcher::system::raw::RawEvent;

/// So many wait. Then they are lost, which is told.
const MAX_WAITING: usize = 65_536;

/// What the system has told, and the thread that it is for.
#[derive(Clone)]
pub(super) struct Waiting {
    events: Arc<Mutex<Vec<RawEvent>>>,
    waker: Waker,
}

impl Waiting {
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            events: Arc::default(),
            waker,
        }
    }

    /// These paths have changed; `None` if the system does not know which ones have.
    pub(super) fn tell(&self, paths: Option<Vec<PathBuf>>) {
        let mut events = self.events.lock();
        match paths {
            Some(paths) if events.len() + paths.len() <= MAX_WAITING => {
                events.extend(paths.into_iter().map(RawEvent::Path));
            }
            _ => {
                events.clear();
                events.push(RawEvent::Overflow);
            }
        }
        drop(events);
        self.waker.wake();
    }

    /// Takes all of them.
    pub(super) fn take(&self, events: &mut Vec<RawEvent>) {
        events.append(&mut self.events.lock());
    }

    /// Waits until there are some, at most for a time.
    pub(super) fn wait(&self, timeout: Option<Duration>) {
        self.waker.wait(timeout);
    }
}
