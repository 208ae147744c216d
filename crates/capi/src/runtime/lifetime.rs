//! Making a runtime, shutting it down, freeing it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use loopwire_runtime::Parts;
use parking_lot::Mutex;

use super::handle::{LoopwireRuntime, runtime};
use crate::boundary::{LoopwireResult, call, handle_out, number_out, unblocked};
use crate::sink::{is_inside, outside};

/// Makes a runtime. No thread starts and no port is bound before something needs it.
///
/// `out` receives the handle; free it with `loopwire_runtime_free`.
///
/// # Safety
/// `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_runtime_new(out: *mut *mut LoopwireRuntime) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            handle_out(out, "out")?;
            number_out(out, Box::into_raw(Box::new(LoopwireRuntime::new())));
        }
        Ok(())
    })
}

impl LoopwireRuntime {
    /// Stops everything in order: callbacks first, then listeners, ports, the workspace, threads. Only the first call does
    /// something; the others wait for it.
    ///
    /// Inside a callback it does not wait: ports are free when it returns, the rest ends in the background.
    pub(crate) fn shut_down(&self) {
        self.0.ended.store(true, Ordering::SeqCst);
        self.sinks().iter().for_each(|sink| sink.close());
        // Not lost with a thread that cannot be started.
        let parts = Arc::new(Mutex::new(Some(self.0.runtime.begin_end())));
        let (runtime, taken) = (self.clone(), Arc::clone(&parts));
        let finish = move || runtime.finish(&taken);
        // In a thread of its own, because this one takes the host's signals while it waits, and a thread that began meanwhile
        // would take them, too.
        let finishing = std::thread::Builder::new()
            .name("loopwire-shutdown".to_owned())
            .spawn(finish);
        match finishing {
            // Its signals wait then.
            Err(_) => self.finish(&parts),
            Ok(_) if is_inside() => {}
            Ok(finishing) => {
                if let Err(panic) = unblocked(|| finishing.join()) {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }

    fn finish(&self, parts: &Mutex<Option<Parts>>) {
        let parts = parts.lock().take();
        if let Some(parts) = parts {
            self.0.runtime.finish_shutdown(parts);
        }
        self.sinks().iter().for_each(|sink| sink.join());
        self.0.sinks.lock().retain(|sink| !sink.has_ended());
        self.0.over.open();
    }
}

/// Shuts a runtime down: callbacks are not called any more, listeners and forwarded ports are closed, commands get SIGTERM
/// and two seconds later SIGKILL, threads end. Saved ports stay saved.
///
/// Waits for all of it, at most about five seconds, and until a running callback has returned; ports are free then. Inside a
/// callback it does not wait. Every later call
/// with this runtime is refused with `LOOPWIRE_RESULT_SHUT_DOWN`; it may be shut down again, which does nothing.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_runtime_shutdown(
    runtime: *mut LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.shut_down();
        Ok(())
    })
}

/// Frees a runtime, after shutting it down as `loopwire_runtime_shutdown` does. NULL does nothing.
///
/// Handles of its listeners and workspaces stay valid until they are freed; what they do is refused. It cannot be freed
/// inside a callback: `LOOPWIRE_RESULT_IN_CALLBACK`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_runtime_free(runtime: *mut LoopwireRuntime) -> LoopwireResult {
    call(|| {
        if runtime.is_null() {
            return Ok(());
        }
        outside(
            "a runtime cannot be freed inside a callback: shut it down there, and free it elsewhere",
        )?;
        // SAFETY: as the caller has promised.
        let owned = unsafe { Box::from_raw(runtime) };
        owned.shut_down();
        Ok(())
    })
}
