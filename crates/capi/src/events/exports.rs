//! The functions of C for events without a socket.

use std::ffi::c_void;
use std::sync::Arc;

use loopwire_runtime::{Failure, Outcome};

use crate::boundary::{LoopwireResult, call, handle_out, number_out};
use crate::runtime::{LoopwireRuntime, runtime};
use crate::sink::{LoopwireEventCallback, Sink, Target};

/// Events that reach a callback, until it is stopped.
pub struct LoopwireEvents(pub(crate) Arc<Sink>);

/// Has `callback` called for every event from now on, from one thread of its own; no socket is needed.
///
/// `userdata` is passed on as it is; it must stay valid until `loopwire_events_free`, `loopwire_runtime_shutdown` or
/// `loopwire_runtime_free` has returned. `detail` asks for events with their detail twins. `out` receives the handle.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `callback` is NULL or may be called from another thread; `out` is NULL or
/// can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_events_start(
    runtime: *const LoopwireRuntime,
    callback: LoopwireEventCallback,
    userdata: *mut c_void,
    detail: bool,
    out: *mut *mut LoopwireEvents,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe {
            handle_out(out, "out")?;
            self::runtime(runtime)?
        };
        let sink = start(runtime, callback, userdata, detail)?;
        runtime.keep(&sink).inspect_err(|_| sink.join())?;
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(LoopwireEvents(sink)))) };
        Ok(())
    })
}

/// Starts a sink, which the runtime has to keep.
pub(crate) fn start(
    runtime: &LoopwireRuntime,
    callback: LoopwireEventCallback,
    userdata: *mut c_void,
    detail: bool,
) -> Outcome<Arc<Sink>> {
    if callback.is_none() {
        return Err(Failure::invalid("callback must not be NULL"));
    }
    let target = Target::of_events(callback, userdata);
    Sink::start(runtime.journal()?, detail, target)
}

/// Stops the callback and frees the handle. NULL does nothing.
///
/// When it returns, the callback does not run and will not be called again; inside the callback itself it does not wait for
/// that call.
///
/// # Safety
/// `events` is NULL or a handle that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_events_free(events: *mut LoopwireEvents) -> LoopwireResult {
    call(|| {
        if !events.is_null() {
            // SAFETY: as the caller has promised.
            unsafe { Box::from_raw(events) }.0.stop();
        }
        Ok(())
    })
}
