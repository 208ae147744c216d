//! Handing out a text.

use std::ffi::c_char;

use loopwire_runtime::Outcome;

use crate::boundary::{LoopwireResult, call, handle_out, text_out};
use crate::runtime::{LoopwireRuntime, runtime};

/// Hands out the text that `read` finds.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
pub(super) unsafe fn told(
    runtime: *const LoopwireRuntime,
    out: *mut *mut c_char,
    read: impl FnOnce(&LoopwireRuntime) -> Outcome<String>,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe {
            handle_out(out, "out")?;
            self::runtime(runtime)?
        };
        let text = read(runtime)?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { text_out(out, &text) }
    })
}
