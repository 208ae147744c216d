//! A tail as its owner sees it: something that is taken from, and closed.

use std::fmt;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

use crate::queue::{Batch, BoundedQueue};
use crate::run::Run;
use crate::target::Target;
use crate::trust::{Trust, TrustError};

/// Why a tail did not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What is to be trusted cannot be.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The system gave no thread.
    #[error("the client could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// A listener that is followed, in a thread of its own: it needs no engine, so it starts none.
pub struct Tail {
    queue: Arc<BoundedQueue>,
    /// Ends the run in good order.
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
    /// Begins to follow a listener.
    ///
    /// # Errors
    /// When what the target trusts cannot be read; all else is told by the last batch.
    pub fn start(target: Target) -> Result<Self, StartError> {
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
                    if let Err(error) = tokio::spawn(run.run()).await {
                        queue.put(Batch::End(Err(format!("the client failed: {error}"))));
                    }
                    // What was read is still to be taken.
                    gone.cancelled().await;
                });
            })?;
        Ok(tail)
    }

    /// Has `give` called with what comes next, in another thread; with `None` behind the end. It is dropped uncalled if
    /// the tail is. One at a time.
    pub fn take(&self, give: impl FnOnce(Option<Batch>) + Send + 'static) {
        let queue = Arc::clone(&self.queue);
        self.handle.spawn(async move { give(queue.take().await) });
    }

    /// Says goodbye to the listener. What was read until then can still be taken, and the end behind it.
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
