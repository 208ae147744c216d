//! Blocking until the end.

use super::handle::{LoopwireRuntime, runtime};
use crate::boundary::{LoopwireResult, call, unblocked};
use crate::sink::outside;

/// Blocks until the runtime was shut down, by another thread or by a callback, and everything has ended. The thread takes its
/// signals as ever.
///
/// It need not be called: a runtime has threads of its own. Inside a callback it is refused with
/// `LOOPWIRE_RESULT_IN_CALLBACK`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed, and it is not freed before the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_runtime_run(runtime: *const LoopwireRuntime) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        outside("it would wait for the end of this callback: call it elsewhere")?;
        runtime.get()?;
        let runtime = runtime.clone();
        unblocked(|| runtime.0.over.wait());
        Ok(())
    })
}
