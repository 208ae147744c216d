//! One snapshot operation from another thread: how far it is, and its end before its time.

use std::ffi::c_char;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loopwire_runtime::{Failure, Outcome, SnapshotRun};
use tokio::sync::Mutex;

use super::handle::{LoopwireWorkspace, workspace};
use super::output::json_out;
use super::shapes;
use super::waiting::within;
use crate::boundary::{LoopwireResult, call, handle_out, number_out};
use crate::runtime::LoopwireRuntime;

/// The handle of one snapshot operation, for other threads than the one that waits for it.
pub struct LoopwireSnapshotRun {
    run: SnapshotRun,
    /// The number of the figures that were given last.
    seen: Arc<Mutex<u64>>,
    used: AtomicBool,
    runtime: LoopwireRuntime,
}

/// The run behind a pointer.
///
/// # Safety
/// `pointer` is NULL or a run that was not freed.
unsafe fn run<'a>(pointer: *const LoopwireSnapshotRun) -> Outcome<&'a LoopwireSnapshotRun> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("run must not be NULL"))
}

/// An operation under way: there are no more figures once it is dropped.
pub(super) struct UnderWay(SnapshotRun);

impl UnderWay {
    /// Begins the operation of a run, or of none.
    ///
    /// # Safety
    /// `pointer` is NULL or a run that was not freed.
    pub(super) unsafe fn begin(pointer: *const LoopwireSnapshotRun) -> Outcome<Self> {
        // SAFETY: as the caller has promised.
        let Some(run) = (unsafe { pointer.as_ref() }) else {
            return Ok(Self(SnapshotRun::default()));
        };
        if run.used.swap(true, Ordering::Relaxed) {
            let message = "run was used for an operation already: make one for each";
            return Err(Failure::invalid(message));
        }
        Ok(Self(run.run.clone()))
    }

    pub(super) fn run(&self) -> SnapshotRun {
        self.0.clone()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Makes a run for one operation. `out` receives it; free it with `loopwire_snapshot_run_free`.
///
/// Give it to `loopwire_snapshot_create` or another function of snapshots in one thread, and use it in another.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_run_new(
    workspace: *const LoopwireWorkspace,
    out: *mut *mut LoopwireSnapshotRun,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let workspace = unsafe {
            handle_out(out, "out")?;
            self::workspace(workspace)?
        };
        let handle = LoopwireSnapshotRun {
            run: SnapshotRun::default(),
            seen: Arc::default(),
            used: AtomicBool::new(false),
            runtime: workspace.runtime.clone(),
        };
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(handle))) };
        Ok(())
    })
}

/// How far the operation is: the latest figures that this function has not given yet. It may be called before the operation is.
///
/// `out` receives JSON text, to be given back with `loopwire_free`: `{"phase": "waiting", "scanning", "storing", "reading" or
/// "replacing", "done": files, "total": files, or 0 while that is not known, "bytes": number}`. Until "replacing" no file of the
/// workspace has changed.
///
/// Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if there is nothing
/// newer. `LOOPWIRE_RESULT_ENDED` once the operation has ended.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_run_progress(
    run: *const LoopwireSnapshotRun,
    timeout_ms: u32,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let run = unsafe {
            handle_out(out, "out")?;
            self::run(run)?
        };
        let (reading, seen) = (run.run.clone(), Arc::clone(&run.seen));
        let progress = within(&run.runtime, timeout_ms, async move {
            let mut seen = seen.lock().await;
            let (number, progress) = reading.next(*seen).await?;
            *seen = number;
            Some(progress)
        })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::snapshot_progress(&progress)) }
    })
}

/// Ends the operation before its time, if that is possible: it then fails with `LOOPWIRE_RESULT_CANCELLED`. A restore that has
/// begun to replace files is completed. One that has not begun yet does not begin.
///
/// # Safety
/// `run` is NULL or a run that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_run_cancel(
    run: *const LoopwireSnapshotRun,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::run(run) }?.run.cancel();
        Ok(())
    })
}

/// Frees the run. NULL does nothing.
///
/// # Safety
/// `run` is NULL or a run that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_snapshot_run_free(
    run: *mut LoopwireSnapshotRun,
) -> LoopwireResult {
    call(|| {
        if !run.is_null() {
            // SAFETY: as the caller has promised.
            drop(unsafe { Box::from_raw(run) });
        }
        Ok(())
    })
}
