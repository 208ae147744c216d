//! The default runtime of the functions without a handle.

use std::ptr;
use std::sync::Arc;

use loopwire_runtime::{Class, Failure, Outcome};
use parking_lot::Mutex;

use crate::boundary::{self, LoopwireResult};
use crate::runtime::LoopwireRuntime;

enum Default {
    /// Nothing was called yet.
    Unused,
    Running(Arc<LoopwireRuntime>),
    /// `SafeExit` was called. A timer of the host that fires late must not start everything again, so only `RunAsync` and
    /// `Run` do. The one that was ended, as long as nobody has waited for its end.
    Ended(Option<Arc<LoopwireRuntime>>),
}

static DEFAULT: Mutex<Default> = Mutex::new(Default::Unused);

/// The default runtime, made at first use.
fn running() -> Outcome<Arc<LoopwireRuntime>> {
    let mut default = DEFAULT.lock();
    match &*default {
        Default::Running(runtime) => Ok(Arc::clone(runtime)),
        Default::Unused => {
            let runtime = Arc::new(LoopwireRuntime::new());
            *default = Default::Running(Arc::clone(&runtime));
            Ok(runtime)
        }
        Default::Ended(_) => Err(Failure::new(
            Class::Error,
            "ERR_SHUT_DOWN",
            "SafeExit() was called; RunAsync() starts the SDK again",
        )),
    }
}

/// Starts it, also after `SafeExit`.
fn start() -> Outcome<Arc<LoopwireRuntime>> {
    let mut default = DEFAULT.lock();
    if matches!(*default, Default::Ended(_)) {
        *default = Default::Unused;
    }
    drop(default);
    running()
}

/// Takes it away; everything but `RunAsync` and `Run` is refused from here on. Also one that was taken away inside a callback,
/// which has not waited for its end.
pub(super) fn end() -> Option<Arc<LoopwireRuntime>> {
    let mut default = DEFAULT.lock();
    let runtime = match &*default {
        Default::Running(runtime) | Default::Ended(Some(runtime)) => Some(Arc::clone(runtime)),
        Default::Unused | Default::Ended(None) => None,
    };
    *default = Default::Ended(runtime.clone());
    runtime
}

/// Somebody has waited for its end.
pub(super) fn has_ended(runtime: &Arc<LoopwireRuntime>) {
    let mut default = DEFAULT.lock();
    let is = matches!(&*default, Default::Ended(Some(ended)) if Arc::ptr_eq(ended, runtime));
    if is {
        *default = Default::Ended(None);
    }
}

/// Calls a function that takes a handle with the default runtime. The runtime stays until it returns.
pub(super) fn on_default(
    call: impl FnOnce(*const LoopwireRuntime) -> LoopwireResult,
) -> LoopwireResult {
    on(running, call)
}

/// The same, also after `SafeExit`.
pub(super) fn on_started(
    call: impl FnOnce(*const LoopwireRuntime) -> LoopwireResult,
) -> LoopwireResult {
    on(start, call)
}

fn on(
    runtime: impl FnOnce() -> Outcome<Arc<LoopwireRuntime>>,
    call: impl FnOnce(*const LoopwireRuntime) -> LoopwireResult,
) -> LoopwireResult {
    match boundary::value(|| Ok(runtime())) {
        Ok(Ok(runtime)) => call(Arc::as_ptr(&runtime)),
        Ok(Err(failure)) => {
            // It is refused, and its places for results are emptied: who frees them anyway must find nothing there.
            call(ptr::null());
            boundary::call(|| Err(failure))
        }
        Err(result) => result,
    }
}
