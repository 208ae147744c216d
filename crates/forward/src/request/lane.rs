//! The lane of one port number: the port that listens there, and the requests that wait for their turn.
//!
//! Requests for one number run one after the other, in the order they were made; those for different numbers are
//! independent. A removal overtakes and ends the requests made before it.

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
pub(crate) struct Lane(Mutex<LaneState>);

#[derive(Default)]
struct LaneState {
    port: Option<Arc<Port>>,
    /// The tasks of the port that was removed last: its listener is closed when they have ended.
    closing: Option<TaskTracker>,
    /// Cancels the requests that wait or run.
    cancel: CancellationToken,
    /// Resolves when the last request has ended.
    last: Option<Predecessor>,
}

/// The request that another one waits for. A request that is dropped while it waits passes its own predecessor on, so
/// that no turn comes early.
struct Predecessor(oneshot::Receiver<Predecessor>);

/// In a loop: dropping a long chain of requests must not recurse that deep.
impl Drop for Predecessor {
    fn drop(&mut self) {
        let mut next = self.0.try_recv().ok();
        while let Some(mut before) = next {
            next = before.0.try_recv().ok();
        }
    }
}

/// A request's turn in its lane.
pub(crate) struct Turn {
    before: Option<Predecessor>,
    /// Dropped when the request has ended: the next one's turn.
    done: Option<oneshot::Sender<Predecessor>>,
    pub(crate) cancel: CancellationToken,
}

impl Turn {
    /// Waits until all earlier requests have ended; `None` if this one is cancelled before.
    pub(crate) async fn wait(&mut self) -> Option<()> {
        let cancel = self.cancel.clone();
        let waiting = async {
            // Kept while it is awaited: a future that is dropped in the middle still has its predecessor.
            while let Some(before) = &mut self.before {
                // An error means that it has ended: its sender was dropped.
                self.before = (&mut before.0).await.ok();
            }
        };
        cancel.run_until_cancelled(waiting).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let (Some(before), Some(done)) = (self.before.take(), self.done.take()) {
            let _ = done.send(before);
        }
    }
}

impl Lane {
    /// A turn after all requests made so far.
    pub(crate) fn queue(&self) -> Turn {
        let (done, next) = oneshot::channel();
        let mut state = self.0.lock();
        Turn {
            before: state.last.replace(Predecessor(next)),
            done: Some(done),
            cancel: state.cancel.clone(),
        }
    }

    /// Runs `change` unless the request was cancelled, atomically with respect to removals.
    pub(super) fn unless_cancelled<T>(&self, turn: &Turn, change: impl FnOnce() -> T) -> Option<T> {
        let _state = self.0.lock();
        (!turn.cancel.is_cancelled()).then(change)
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

    /// Puts the port that `open` returns into the lane, unless the request was cancelled.
    pub(super) fn install(
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

    /// Changes the port if it is still there, atomically with respect to removals.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&Arc<Port>) -> T) -> Option<T> {
        self.0.lock().port.as_ref().map(change)
    }

    /// Closes that port if it is still the one here and `still` holds; waiting requests continue. True if it was
    /// closed.
    pub(super) fn close_only(
        &self,
        port: &Arc<Port>,
        still: impl FnOnce() -> bool,
        ending: Ending,
        reason: &str,
        also: impl FnOnce(),
    ) -> bool {
        let mut state = self.0.lock();
        let here = state
            .port
            .as_ref()
            .is_some_and(|here| Arc::ptr_eq(here, port));
        if !here || !still() {
            return false;
        }
        also();
        port.close(ending, reason);
        state.port = None;
        state.closing = Some(port.tasks.clone());
        true
    }

    /// Runs `change` unless there is a port.
    pub(super) fn if_empty<T>(&self, change: impl FnOnce() -> T) -> Option<T> {
        let state = self.0.lock();
        state.port.is_none().then(change)
    }

    /// Cancels the waiting requests, closes the port, and runs `also` before anything new can be added. True if there
    /// was a port.
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_request_that_is_dropped_while_it_waits_lets_none_overtake() {
        let lane = Lane::default();
        let (mut first, mut second, mut third) = (lane.queue(), lane.queue(), lane.queue());
        assert!(first.wait().now_or_never().is_some());
        assert!(second.wait().now_or_never().is_none());
        assert!(third.wait().now_or_never().is_none());
        drop(second);
        assert!(
            third.wait().now_or_never().is_none(),
            "the first still runs"
        );
        drop(first);
        assert!(third.wait().now_or_never().is_some());
    }

    #[test]
    fn dropping_a_long_chain_of_requests_does_not_recurse() {
        let lane = Lane::default();
        let turns: Vec<_> = (0..200_000).map(|_| lane.queue()).collect();
        // Each passes on what the ones before have passed on.
        drop(turns);
        drop(lane);
    }
}
