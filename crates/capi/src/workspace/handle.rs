//! The handle of a workspace.

use loopwire_runtime::{
    Failure, Files, Git, Outcome, Snapshots, Terminals, Watches, Workspace, option,
};
use std::ffi::c_char;

use crate::boundary::{
    Given, LoopwireResult, call, handle_out, json, len_out, number_out, text, text_out,
};
use crate::runtime::{LoopwireRuntime, runtime};
use crate::sink::is_inside;

/// A directory in which the application, and the clients of the runtime's listeners, run commands, read, write and watch
/// files, use git and take snapshots.
///
/// Any thread may use it, also several at once.
pub struct LoopwireWorkspace {
    pub(super) workspace: Workspace,
    pub(super) runtime: LoopwireRuntime,
}

/// The workspace behind a pointer.
///
/// # Safety
/// `pointer` is NULL or a workspace that was not freed.
pub(super) unsafe fn workspace<'a>(
    pointer: *const LoopwireWorkspace,
) -> Outcome<&'a LoopwireWorkspace> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("workspace must not be NULL"))
}

impl LoopwireWorkspace {
    /// Has the threads of the runtime do `work`, and waits for it.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Outcome<T>> + Send + 'static,
    ) -> Outcome<T> {
        self.runtime.wait(work)
    }

    pub(super) fn terminals(&self) -> Outcome<Terminals> {
        part(self.workspace.terminals(), "terminal")
    }

    pub(super) fn files(&self) -> Outcome<Files> {
        part(self.workspace.files(), "files")
    }

    pub(super) fn watches(&self) -> Outcome<Watches> {
        part(self.workspace.watches(), "watch")
    }

    pub(super) fn git(&self) -> Outcome<Git> {
        part(self.workspace.git(), "git")
    }

    pub(super) fn snapshots(&self) -> Outcome<Snapshots> {
        part(self.workspace.snapshots(), "snapshots")
    }

    /// Inside a callback it does not wait: what runs may be waiting for that callback.
    fn close(&self) {
        // If the runtime is shut down before or meanwhile, everything is closed already.
        let Ok(runtime) = self.runtime.get() else {
            return;
        };
        runtime.remove_workspace(&self.workspace);
        let workspace = self.workspace.clone();
        let close = async move {
            workspace.close().await;
            Ok(())
        };
        if is_inside() {
            runtime.spawn(async move {
                let _: Outcome<()> = close.await;
            });
        } else {
            let _ = self.wait(close);
        }
    }
}

fn part<T: Clone>(part: Option<&T>, option: &str) -> Outcome<T> {
    part.cloned().ok_or_else(|| Failure::not_enabled(option))
}

/// Opens the directory `root` as the workspace of the runtime, which may have one at a time.
///
/// `options` is the text of a JSON object with the options of `openWorkspace` in docs/workspace.md, such as
/// `{"git": false, "maxTerminals": 8}`, or NULL for none; `null` stands for `Infinity`, and `signal` does not exist. From now
/// on clients may use it. Nothing runs until somebody asks for something. `out` receives the handle; free it with
/// `loopwire_workspace_free`.
///
/// Fails with the codes `ERR_WORKSPACE_OPEN` (close the other one first), `ERR_WORKSPACE_ROOT` (it does not exist, cannot be
/// read, or is no directory), `EMFILE`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_open(
    runtime: *const LoopwireRuntime,
    root: *const c_char,
    options: *const c_char,
    out: *mut *mut LoopwireWorkspace,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, root, options) = unsafe {
            handle_out(out, "out")?;
            (
                self::runtime(runtime)?,
                text(root, "root")?,
                json(options, "options")?,
            )
        };
        let root = option::directory(root, "root")?;
        let options = option::workspace(Given::options(options.as_ref()))?;
        let handle = LoopwireWorkspace {
            workspace: runtime.get()?.open_workspace(&root, options)?,
            runtime: runtime.clone(),
        };
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(handle))) };
        Ok(())
    })
}

/// The root: the absolute path of the directory, without symbolic links. `out` receives it; give it back with `loopwire_free`.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_root(
    workspace: *const LoopwireWorkspace,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            handle_out(out, "out")?;
            let workspace = self::workspace(workspace)?;
            text_out(out, &workspace.workspace.root().to_string_lossy())
        }
    })
}

/// Whether it is closed: by `loopwire_workspace_close`, or because the runtime was shut down. `out` receives the answer.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_is_closed(
    workspace: *const LoopwireWorkspace,
    out: *mut bool,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            len_out(out, "out")?;
            let workspace = self::workspace(workspace)?;
            let runtime = workspace.runtime.get();
            let open = runtime.is_ok_and(|runtime| runtime.has_workspace(&workspace.workspace));
            number_out(out, !open);
        }
        Ok(())
    })
}

/// Closes the workspace. From this moment on clients are answered `NO_WORKSPACE`, watches, git operations and snapshots end,
/// and commands get SIGTERM and, two seconds later, SIGKILL.
///
/// Returns when all of it has ended; inside a callback it does not wait. Threads that wait for something of the workspace are
/// let go. It may be called again. The handle stays valid until it is freed.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_close(
    workspace: *const LoopwireWorkspace,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::workspace(workspace) }?.close();
        Ok(())
    })
}

/// Closes the workspace, as `loopwire_workspace_close` does, and frees the handle. NULL does nothing.
///
/// Handles of its terminals, watches, git operations and snapshot runs stay valid until they are freed.
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_free(
    workspace: *mut LoopwireWorkspace,
) -> LoopwireResult {
    call(|| {
        if !workspace.is_null() {
            // SAFETY: as the caller has promised.
            unsafe { Box::from_raw(workspace) }.close();
        }
        Ok(())
    })
}
