//! The executor: starts tasks on the threads of a runtime, for as long as the runtime has them.
//!
//! A handle of tokio keeps the runtime's epoll descriptors open. What the application may hold longer than the runtime
//! runs (a closed listener, a terminal that has ended) has an executor instead of a handle: its handle is given up when
//! the runtime has ended, not when the last holder is collected.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Handle;

/// A handle that can be given up. Clones share it.
#[derive(Clone, Debug)]
pub struct Executor(Arc<Mutex<Option<Handle>>>);

impl Executor {
    /// The handle; nothing if the runtime has ended.
    #[must_use]
    pub fn handle(&self) -> Option<Handle> {
        self.0.lock().clone()
    }

    /// Gives up the handle, for all clones: the runtime has ended.
    pub fn release(&self) {
        drop(self.0.lock().take());
    }
}

impl From<Handle> for Executor {
    fn from(handle: Handle) -> Self {
        Self(Arc::new(Mutex::new(Some(handle))))
    }
}

impl From<&Handle> for Executor {
    fn from(handle: &Handle) -> Self {
        handle.clone().into()
    }
}
