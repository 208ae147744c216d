//! Waiting: C calls return when the work is done.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use loopwire_channel::Hurry;
use loopwire_runtime::{Class, Failure, ForwardError, Outcome};

use super::handle::{LoopwireRuntime, shut_down};
use crate::boundary::{internal, unblocked};
use crate::sink::is_inside;

/// How long a call inside a callback waits while the journal takes nothing. Long enough for work that needs no event.
const PATIENCE: Duration = Duration::from_millis(250);

impl LoopwireRuntime {
    /// Has the threads of the runtime do `work`, and waits for it. The caller's thread takes its signals meanwhile.
    ///
    /// Ends with `ERR_SHUT_DOWN` if the runtime is shut down before the work is done. Inside a callback it ends with
    /// `ERR_JOURNAL_FULL` once the journal is full to its last event, which the callback itself may be the reason for; the work
    /// goes on.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Outcome<T>> + Send + 'static,
    ) -> Outcome<T> {
        let runtime = self.get()?;
        // Before the work begins: it must not wait for room that the caller holds back.
        let hurry = if is_inside() {
            Some(self.journal()?.hurry())
        } else {
            None
        };
        let (done, receiver) = mpsc::sync_channel(1);
        let spawned = runtime.spawn(async move {
            // In a task of its own, so that a panic is told as what it is.
            let outcome = match tokio::spawn(work).await {
                Ok(outcome) => outcome,
                Err(ended) if ended.is_panic() => Err(internal(&*ended.into_panic())),
                // The runtime ends, which the receiver hears.
                Err(_) => return,
            };
            let _ = done.send(outcome);
        });
        if !spawned {
            return Err(shut_down());
        }
        unblocked(|| match hurry {
            Some(hurry) => hurried(&receiver, &hurry),
            // The sender is dropped with its task if the runtime ends.
            None => receiver.recv().unwrap_or_else(|_| Err(shut_down())),
        })
    }

    /// The same for work of the forward engine.
    pub(crate) fn wait_forward<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ForwardError>> + Send + 'static,
    ) -> Outcome<T> {
        self.wait(async move { work.await.map_err(Failure::from) })
    }
}

fn hurried<T>(receiver: &Receiver<Outcome<T>>, hurry: &Hurry) -> Outcome<T> {
    loop {
        let head = hurry.journal().head();
        match receiver.recv_timeout(PATIENCE) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => return Err(shut_down()),
            // Nobody could publish, and somebody wanted to: perhaps the work that is waited for.
            Err(RecvTimeoutError::Timeout)
                if hurry.stuck() > 0 && hurry.journal().head() == head =>
            {
                return Err(full());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn full() -> Failure {
    let message = "the journal is full, because a callback is too far behind: what this call has begun goes on, and its end comes \
         as an event; return from the callback";
    Failure::new(Class::Error, "ERR_JOURNAL_FULL", message)
}
