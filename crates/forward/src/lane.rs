//! Everything about one port number: the port that listens there, and the requests that wait their turn.
//!
//! Requests for one number run one after the other, in the order they were made; those for different numbers
//! never meet. A removal overtakes and ends the requests made before it.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::health::Ending;
use crate::port::Port;

/// One port number's lane.
#[derive(Default)]
pub(crate) struct Lane(Mutex<State>);

#[derive(Default)]
struct State {
    port: Option<Arc<Port>>,
    /// The tasks of the port that was removed last: its listener is gone when they are.
    closing: Option<TaskTracker>,
    /// Ends the requests that are waiting or under way.
    cancel: CancellationToken,
    /// Resolves when the request that came last is through.
    last: Option<oneshot::Receiver<()>>,
}

/// One request's place in its lane.
pub(crate) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    /// Dropped when the request is through: the next one's turn.
    _done: oneshot::Sender<()>,
    pub(crate) cancel: CancellationToken,
}

impl Turn {
    /// Waits until all requests made before are through.
    pub(crate) async fn wait(&mut self) {
        if let Some(before) = self.before.take() {
            // An error means just that: its sender was dropped.
            let _ = before.await;
        }
    }
}

impl Lane {
    /// A place behind all requests made so far.
    pub(crate) fn queue(&self) -> Turn {
        let (done, next) = oneshot::channel();
        let mut state = self.0.lock();
        Turn {
            before: state.last.replace(next),
            _done: done,
            cancel: state.cancel.clone(),
        }
    }

    pub(crate) fn port(&self) -> Option<Arc<Port>> {
        self.0.lock().port.clone()
    }

    /// Waits until nothing is left of the port that was removed last.
    pub(crate) async fn vacant(&self) {
        let closing = self.0.lock().closing.clone();
        if let Some(tasks) = closing {
            tasks.wait().await;
        }
    }

    /// Puts the port that `open` makes into the lane, unless the request has been cancelled meanwhile.
    pub(crate) fn install(
        &self,
        turn: &Turn,
        open: impl FnOnce() -> io::Result<Arc<Port>>,
    ) -> Option<io::Result<Arc<Port>>> {
        // Under the lock, so that a removal either cancels the request or finds the port.
        let mut state = self.0.lock();
        if turn.cancel.is_cancelled() {
            return None;
        }
        Some(open().inspect(|port| state.port = Some(Arc::clone(port))))
    }

    /// Changes the port, if it is still there: a removal comes before or after, never in between.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&Arc<Port>) -> T) -> Option<T> {
        self.0.lock().port.as_ref().map(change)
    }

    /// Cancels what waits and closes what listens, and does what belongs to it before anything new can be put
    /// here. True when a port was there.
    pub(crate) fn clear(&self, ending: Ending, reason: &str, also: impl FnOnce()) -> bool {
        let mut state = self.0.lock();
        std::mem::take(&mut state.cancel).cancel();
        also();
        let Some(port) = state.port.take() else {
            return false;
        };
        port.close(ending, reason);
        state.closing = Some(port.tasks.clone());
        true
    }
}
