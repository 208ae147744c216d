//! The engine as a whole.

use crate::boundary::{LoopwireResult, call};
use crate::runtime::{LoopwireRuntime, runtime};

/// Starts the forward engine on the runtime's threads, and returns at once.
///
/// It need not be called: the first function that uses the engine starts it.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_run_async(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.forward()?;
        Ok(())
    })
}

/// Switches `log` events on: `{"type":"log","payload":"…"}` says what the engine does.
///
/// The texts never contain a password. They are the only events that may be dropped, when a callback is far behind.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_enable_debug(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.forward()?.enable_debug();
        Ok(())
    })
}
