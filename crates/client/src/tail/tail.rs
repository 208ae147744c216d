//! The handle of a tail: items are taken from it, and it is closed.

use std::fmt;
use std::sync::Arc;
use std::thread;

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

use crate::queue::BoundedQueue;
use crate::target::Target;
use crate::trust::{StartError, Trust};

use super::batch::Batch;
use super::beginning::Beginning;
use super::run::Run;

/// Follows a listener in a thread of its own. It starts no engine.
pub struct Tail {
    queue: Arc<BoundedQueue<Batch>>,
    /// Ends the run after closing the connection.
    stop: CancellationToken,
    /// Ends the thread.
    gone: CancellationToken,
    handle: Handle,
}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tail(…)")
    }
}

impl Tail {
    /// Starts to follow a listener.
    ///
    /// # Errors
    /// If the trusted certificates or fingerprint are invalid. Other errors are reported by the last batch.
    pub fn start(target: Target, beginning: Beginning) -> Result<Self, StartError> {
        let trust = Trust::new(&target.trusted)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let tail = Self {
            queue: Arc::default(),
            stop: CancellationToken::new(),
            gone: CancellationToken::new(),
            handle: runtime.handle().clone(),
        };
        let run = Run {
            target,
            beginning,
            trust,
            queue: Arc::clone(&tail.queue),
            stop: tail.stop.clone(),
        };
        let queue = Arc::clone(&tail.queue);
        let gone = tail.gone.clone();
        thread::Builder::new()
            .name("loopwire-tail".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if let Err(error) = tokio::spawn(run.run().boxed()).await {
                        queue.put(Batch::End(Err(format!("the client failed: {error}"))));
                    }
                    // Items that were read can still be taken.
                    gone.cancelled().await;
                });
            })?;
        Ok(tail)
    }

    /// Calls `give` with the next item in another thread; with `None` after the end. `give` is dropped without a call
    /// if the tail is dropped. Only one call at a time.
    pub fn take(&self, give: impl FnOnce(Option<Batch>) + Send + 'static) {
        let queue = Arc::clone(&self.queue);
        self.handle
            .spawn(async move { give(queue.take().await) }.boxed());
    }

    /// Closes the connection. Items that were read can still be taken, followed by the end.
    pub fn close(&self) {
        self.stop.cancel();
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.stop.cancel();
        self.gone.cancel();
    }
}
