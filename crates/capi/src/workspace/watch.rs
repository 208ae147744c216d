//! Which files change.

use std::ffi::c_char;

use loopwire_runtime::{Failure, FileWatch, Outcome, Ready, option};
use serde_json::Value;

use super::handle::{LoopwireWorkspace, workspace};
use super::output::json_out;
use super::shapes;
use super::waiting::{ended, within};
use crate::boundary::{Given, LoopwireResult, call, handle_out, json, number_out};
use crate::runtime::LoopwireRuntime;

/// A watch of files.
///
/// Any thread may use it, also several at once; those that wait at once share the changes.
pub struct LoopwireWatch {
    watch: FileWatch,
    ready: Ready,
    runtime: LoopwireRuntime,
}

impl Drop for LoopwireWatch {
    fn drop(&mut self) {
        self.watch.close();
    }
}

/// The watch behind a pointer.
///
/// # Safety
/// `pointer` is NULL or a watch that was not freed.
unsafe fn watch<'a>(pointer: *const LoopwireWatch) -> Outcome<&'a LoopwireWatch> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("watch must not be NULL"))
}

/// Watches files, and waits until everything is watched: what changes after the call is told. It needs no listener, and works with
/// any `watch` option of the workspace but `false`.
///
/// `paths` is JSON text: a path or glob, or an array of them, such as `["src", "!src/vendor"]`, as for `watch` in
/// docs/workspace.md. `options` is the text of a JSON object, `{events?, ignore?}`, or NULL for none. `out` receives the handle;
/// free it with `loopwire_watch_free`.
///
/// Fails with the codes `PATH_OUTSIDE`, `TOO_MANY_WATCHES`, `WATCH_LIMIT`, `NOT_ENABLED`, `NO_WORKSPACE`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_watch_start(
    workspace: *const LoopwireWorkspace,
    paths: *const c_char,
    options: *const c_char,
    out: *mut *mut LoopwireWatch,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, paths, options) = unsafe {
            handle_out(out, "out")?;
            (
                self::workspace(workspace)?,
                json(paths, "paths")?,
                json(options, "options")?,
            )
        };
        let paths = paths.as_ref().map_or(Given::Null, Given::Json);
        let request = option::watch(paths, Given::options(options.as_ref()))?;
        let watches = workspace.watches()?;
        let (watch, ready) = workspace.wait(async move {
            let refused = |refusal| Failure::refused(&refusal);
            let watch = watches.watch(&request).map_err(refused)?;
            let ready = watch.ready().await.map_err(refused)?;
            Ok((watch, ready))
        })?;
        let handle = LoopwireWatch {
            watch,
            ready,
            runtime: workspace.runtime.clone(),
        };
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(handle))) };
        Ok(())
    })
}

/// How it has begun. `out` receives JSON text, to be given back with `loopwire_free`: `{"directories": how many are watched for
/// it, "polling"?: why a part of them is compared at intervals, and what to do}`.
///
/// # Safety
/// `watch` is NULL or a watch that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_watch_ready(
    watch: *const LoopwireWatch,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            handle_out(out, "out")?;
            json_out(out, &shapes::ready(&self::watch(watch)?.ready))
        }
    })
}

/// The next changes, up to 1,024.
///
/// `out` receives JSON text, to be given back with `loopwire_free`: an array, never empty, of `{"path": absolute, "changeType":
/// "created", "modified", "deleted", "renamed" or "overflow", "size": number, "timestamp": text, "isDirectory": boolean, "oldPath"?:
/// of a rename}`. After "overflow" changes are missing: look at the files yourself. Up to 16,384 changes wait.
///
/// Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if nothing changed.
/// `LOOPWIRE_RESULT_ENDED` once the watch or the workspace is closed.
///
/// # Safety
/// `watch` is NULL or a watch that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_watch_next(
    watch: *const LoopwireWatch,
    timeout_ms: u32,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let watch = unsafe {
            handle_out(out, "out")?;
            self::watch(watch)?
        };
        let changes = loop {
            let reading = watch.watch.clone();
            let readable = async move {
                reading.readable().await;
                Some(())
            };
            within(&watch.runtime, timeout_ms, readable)?;
            // Nothing, if another thread has taken them.
            if let Some(changes) = watch.watch.take() {
                break changes;
            }
        };
        if changes.is_empty() {
            return Err(ended());
        }
        let changes: Vec<_> = changes.iter().map(shapes::change).collect();
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &Value::from(changes)) }
    })
}

/// Ends the watch: changes that were not taken are dropped, and threads in `loopwire_watch_next` return. The handle stays valid
/// until it is freed.
///
/// # Safety
/// `watch` is NULL or a watch that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_watch_close(watch: *const LoopwireWatch) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::watch(watch) }?.watch.close();
        Ok(())
    })
}

/// Ends the watch and frees the handle. NULL does nothing.
///
/// # Safety
/// `watch` is NULL or a watch that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_watch_free(watch: *mut LoopwireWatch) -> LoopwireResult {
    call(|| {
        if !watch.is_null() {
            // SAFETY: as the caller has promised.
            drop(unsafe { Box::from_raw(watch) });
        }
        Ok(())
    })
}
