//! One call: what every function does around its own work.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use loopwire_runtime::{Class, Failure, Outcome};

use super::result::LoopwireResult;
use super::{fork, last_error, signals};

/// Does the work of a call. A failure is kept for this thread; a panic becomes one.
pub(crate) fn call(work: impl FnOnce() -> Outcome<()>) -> LoopwireResult {
    match value(work) {
        Ok(()) => LoopwireResult::Ok,
        Err(result) => result,
    }
}

/// The same, for a call that returns a value.
pub(crate) fn value<T>(work: impl FnOnce() -> Outcome<T>) -> Result<T, LoopwireResult> {
    settle(|| signals::blocked(work))
}

/// The same as [`call`] for work that starts no thread and does not wait: the mask of signals costs two system calls.
pub(crate) fn quick(work: impl FnOnce() -> Outcome<()>) -> LoopwireResult {
    match settle(work) {
        Ok(()) => LoopwireResult::Ok,
        Err(result) => result,
    }
}

#[inline]
fn settle<T>(work: impl FnOnce() -> Outcome<T>) -> Result<T, LoopwireResult> {
    let done = fork::check().and_then(|()| {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal(&*panic)))
    });
    done.map_err(|failure| {
        let result = LoopwireResult::of(&failure);
        last_error::keep(failure);
        result
    })
}

pub(crate) fn internal(panic: &(dyn Any + Send)) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!(
        "a fault of loopwire, please report it: {}",
        text.unwrap_or("a panic without a text")
    );
    Failure::new(Class::Error, "ERR_INTERNAL", message)
}
