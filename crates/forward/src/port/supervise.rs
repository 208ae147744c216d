//! Supervision: a panic in a task is reported, and the component continues.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use super::context::Context;

/// How long a component pauses after a panic before it restarts: a permanent fault must not make it spin.
const RESTART_PAUSE: Duration = Duration::from_millis(100);

/// How much of a panic's message is reported.
const MAX_MESSAGE: usize = 200;

/// Runs `task` to its end; a panic is reported and returns `None`.
pub(crate) async fn once<T>(
    context: &Context,
    component: &str,
    task: impl Future<Output = T>,
) -> Option<T> {
    let result = {
        let mut task = pin!(task);
        poll_fn(
            |cx| match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(cx))) {
                Ok(poll) => poll.map(Ok),
                Err(panic) => std::task::Poll::Ready(Err(panic)),
            },
        )
        .await
    };
    match result {
        Ok(value) => Some(value),
        Err(panic) => {
            context.fault(component, "ERR_PANIC", &message(panic.as_ref()));
            None
        }
    }
}

/// Runs a component for as long as its port exists: after a panic it is restarted.
pub(crate) async fn keep<T, F: Future<Output = T>>(
    context: &Context,
    component: &str,
    mut begin: impl FnMut() -> F,
) -> T {
    loop {
        if let Some(value) = once(context, component, begin()).await {
            return value;
        }
        tokio::time::sleep(RESTART_PAUSE).await;
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panicked");
    text.chars().take(MAX_MESSAGE).collect()
}

#[cfg(test)]
#[path = "supervise_test.rs"]
mod tests;
