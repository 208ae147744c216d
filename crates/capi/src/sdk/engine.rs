//! Starting and ending.

use super::default::{end, has_ended, on_default, on_started};
use super::results::nothing;
use crate::boundary::{LoopwireResult, call};
use crate::forward::{loopwire_forward_enable_debug, loopwire_forward_run_async};
use crate::runtime::{loopwire_runtime_run, loopwire_runtime_shutdown};
use crate::sink::{is_inside, outside};

/// Starts the SDK on its own threads and returns at once. Without it the first call does so; after `SafeExit` only this
/// function and `Run` do.
#[unsafe(no_mangle)]
pub extern "C" fn RunAsync() {
    // SAFETY: the default runtime stays during the call.
    nothing(on_started(|runtime| unsafe {
        loopwire_forward_run_async(runtime)
    }));
}

/// Starts the SDK on its own threads, and blocks until `SafeExit` has stopped everything. Call it in a thread of its own, or
/// as the last thing in `main`. Inside a callback it returns at once, with the text in `SDKGetLastError()`. See
/// `loopwire_runtime_run`.
#[unsafe(no_mangle)]
pub extern "C" fn Run() {
    // Before anything is started.
    let allowed = call(|| outside("Run() blocks, so it cannot be called inside a callback"));
    if allowed != LoopwireResult::Ok {
        return;
    }
    // SAFETY: the default runtime stays during the call.
    nothing(on_started(|runtime| unsafe {
        match loopwire_forward_run_async(runtime) {
            LoopwireResult::Ok => loopwire_runtime_run(runtime),
            failed => failed,
        }
    }));
}

/// Stops everything in order and waits for it, at most about five seconds, and until a running callback has returned; ports are
/// free then. Saved ports stay saved.
///
/// Afterwards every call but `RunAsync` and `Run` is answered with an error. Inside a callback it does not wait. It may be
/// called again, and before anything else.
#[unsafe(no_mangle)]
pub extern "C" fn SafeExit() {
    let mut runtime = None;
    nothing(call(|| {
        runtime = end();
        Ok(())
    }));
    if let Some(runtime) = runtime {
        // SAFETY: the runtime stays during the call.
        unsafe { loopwire_runtime_shutdown(std::sync::Arc::as_ptr(&runtime).cast_mut()) };
        if !is_inside() {
            has_ended(&runtime);
        }
    }
}

/// Switches `log` events on. See `loopwire_forward_enable_debug`.
#[unsafe(no_mangle)]
pub extern "C" fn EnableDebug() {
    // SAFETY: the default runtime stays during the call.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_enable_debug(runtime)
    }));
}
