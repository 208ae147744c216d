//! Events without a socket.

use std::ffi::c_void;
use std::sync::Arc;

use parking_lot::Mutex;

use super::default::on_default;
use super::results::nothing;
use crate::boundary::call;
use crate::events::start_events;
use crate::runtime::runtime;
use crate::sink::{LoopwireEventCallback, Sink, Target};

/// The sink of the last `SetEventCallback`.
static CURRENT: Mutex<Option<Arc<Sink>>> = Mutex::new(None);

/// Has `cb` called for every event from now on, from one thread of its own; no socket is needed. An addition to the SDK's
/// page.
///
/// It takes the place of the callback before from the next event on: none is lost, and none comes twice. NULL stops it. When
/// the function returns, the callback before does not run and will not be called again, so its `userdata` may be freed; inside
/// a callback it does not wait for the running call. `userdata` is passed on as it is. `SafeExit` stops it, too.
///
/// # Safety
/// `cb` is NULL or may be called from another thread with `userdata`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetEventCallback(cb: LoopwireEventCallback, userdata: *mut c_void) {
    if cb.is_none() {
        nothing(call(|| {
            let before = CURRENT.lock().take();
            if let Some(before) = before {
                before.stop();
            }
            Ok(())
        }));
        return;
    }
    nothing(on_default(|default| {
        call(|| {
            // SAFETY: the default runtime stays during the call.
            let runtime = unsafe { runtime(default) }?;
            let target = Target::of_events(cb, userdata);
            let mut current = CURRENT.lock();
            let before = current.clone();
            // One of a runtime that `SafeExit` is just ending hears no more than that one's last events.
            let goes_on = before.as_ref().filter(|before| runtime.keeps(before));
            if let Some((sink, version)) =
                goes_on.and_then(|sink| Some((sink, sink.redirect(target)?)))
            {
                drop(current);
                sink.settle(version);
                return Ok(());
            }
            let sink = start_events(runtime, cb, userdata, false)?;
            let kept = runtime.keep(&sink);
            *current = kept.is_ok().then(|| Arc::clone(&sink));
            // A running call, which is waited for, may call this function.
            drop(current);
            if let Some(before) = before {
                before.stop();
            }
            kept.inspect_err(|_| sink.join())
        })
    }));
}
