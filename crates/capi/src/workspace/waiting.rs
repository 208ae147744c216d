//! Waiting for what comes, as long as the caller says.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loopwire_runtime::{Class, Failure, Outcome};

use crate::runtime::LoopwireRuntime;

/// Waits for `work`, which gives nothing if nothing will ever come: for `timeout_ms`, or for ever if that is the largest
/// number.
///
/// `work` must be one that may be dropped at any time, and may be done without anybody who waits for it: nothing is lost by
/// that.
pub(super) fn within<T: Send + 'static>(
    runtime: &LoopwireRuntime,
    timeout_ms: u32,
    work: impl Future<Output = Option<T>> + Send + 'static,
) -> Outcome<T> {
    let mut work = Box::pin(work);
    // What is there already needs no other thread.
    let mut context = Context::from_waker(Waker::noop());
    if let Poll::Ready(came) = pin!(&mut work).poll(&mut context) {
        return came.ok_or_else(ended);
    }
    let came = match timeout_ms {
        0 => return Err(timed_out()),
        u32::MAX => runtime.wait(async move { Ok(work.await) }),
        timeout => runtime.wait(async move {
            let timeout = Duration::from_millis(timeout.into());
            let came = tokio::time::timeout(timeout, work).await;
            came.map_err(|_| timed_out())
        }),
    };
    came?.ok_or_else(ended)
}

fn timed_out() -> Failure {
    Failure::new(
        Class::Error,
        "ERR_TIMED_OUT",
        "nothing came within the time",
    )
}

pub(super) fn ended() -> Failure {
    Failure::new(
        Class::Error,
        "ERR_ENDED",
        "there is nothing more, and there never will be",
    )
}
