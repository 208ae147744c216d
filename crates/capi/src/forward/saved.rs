//! Saved data: its directory, restoring and deleting it.

use std::ffi::c_char;
use std::path::Path;

use loopwire_runtime::argument as args;

use crate::boundary::{LoopwireResult, call, text};
use crate::runtime::{LoopwireRuntime, runtime};

/// Sets the directory in which forwarded ports are saved, so that `loopwire_forward_restore_data` can bring them back.
///
/// `dir` is a path in UTF-8; a missing directory is created. A port is saved before the call that forwards it returns; if
/// that fails, the call fails and nothing has changed. Settings (provider, range, port configurations) are not saved: the
/// program sets them again. It fails if the directory cannot be used, or if another process uses it, whose id is then in the
/// text.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `dir` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_save_data_path(
    runtime: *const LoopwireRuntime,
    dir: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, dir) = unsafe { (self::runtime(runtime)?, text(dir, "dir")?) };
        let dir = args::string(dir, "dir")?;
        Ok(runtime.forward()?.set_save_data_path(Path::new(&dir))?)
    })
}

/// Forwards the saved ports again, in the background. Call it after the settings are applied.
///
/// It fails if `loopwire_forward_set_save_data_path` was not called. Each port that works causes `portStateUpdate`; each that
/// fails causes `proxyError` with its proxy's id, is offline, and comes back by itself. If the provider says that the proxy
/// is gone, the port is removed (`portRemoved`). `restoreDone` follows when each port was tried once.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_restore_data(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        Ok(runtime.forward()?.restore_data()?)
    })
}

/// Deletes the saved data. Forwarded ports continue; no event follows.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_clean_data(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.get()?.clean_data();
        Ok(())
    })
}
