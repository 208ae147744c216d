//! A command that runs to its end.

use std::ffi::c_char;
use std::ptr;

use loopwire_runtime::{Executed, Failure, Outcome, option};

use super::handle::{LoopwireWorkspace, workspace};
use crate::boundary::{
    Given, LoopwireResult, bytes_in, bytes_out, call, handle_out, json, loopwire_free, number_out,
    text, text_out,
};

/// A command that has ended. The library makes it; free it with `loopwire_execution_free`. Later versions may add fields at
/// its end.
#[repr(C)]
pub struct LoopwireExecution {
    /// The exit code; -1 if a signal ended the command.
    pub exit_code: i32,
    /// The signal that ended it, as "SIGKILL"; NULL if it ended by itself.
    pub signal: *mut c_char,
    /// Why the workspace ended it: "timeout" (`timeoutMs`), "output" (`maxOutputBytes` of the workspace), "closed" (the
    /// workspace was closed); "failed" if it could not be run to its end. NULL if it ended otherwise.
    pub reason: *mut c_char,
    /// How long it ran, in milliseconds.
    pub duration_ms: f64,
    /// Its whole standard output, unchanged. A NUL follows, which does not count.
    pub stdout_bytes: *mut u8,
    /// How many bytes that is.
    pub stdout_len: usize,
    /// Its whole standard error, unchanged. A NUL follows, which does not count.
    pub stderr_bytes: *mut u8,
    /// How many bytes that is.
    pub stderr_len: usize,
}

impl LoopwireExecution {
    fn new(executed: &Executed) -> Outcome<Box<Self>> {
        let exit = &executed.exit;
        let mut execution = Box::new(Self {
            exit_code: exit.code.unwrap_or(-1),
            signal: ptr::null_mut(),
            reason: ptr::null_mut(),
            duration_ms: exit.duration.as_secs_f64() * 1_000.0,
            stdout_bytes: ptr::null_mut(),
            stdout_len: 0,
            stderr_bytes: ptr::null_mut(),
            stderr_len: 0,
        });
        let this = &mut *execution;
        // SAFETY: the places are its own.
        unsafe {
            if let Some(signal) = &exit.signal {
                text_out(&raw mut this.signal, signal)?;
            }
            if let Some(reason) = exit.reason {
                text_out(&raw mut this.reason, reason)?;
            }
            let (bytes, len) = (&raw mut this.stdout_bytes, &raw mut this.stdout_len);
            bytes_out(bytes, len, &executed.stdout)?;
            let (bytes, len) = (&raw mut this.stderr_bytes, &raw mut this.stderr_len);
            bytes_out(bytes, len, &executed.stderr)?;
        }
        Ok(execution)
    }
}

impl Drop for LoopwireExecution {
    fn drop(&mut self) {
        // SAFETY: all of it is NULL or was allocated above.
        unsafe {
            loopwire_free(self.signal.cast());
            loopwire_free(self.reason.cast());
            loopwire_free(self.stdout_bytes.cast());
            loopwire_free(self.stderr_bytes.cast());
        }
    }
}

/// Runs a command to its end, with pipes, and collects its output.
///
/// `command` is a line for the shell. `input` are `input_len` bytes for its standard input, which then ends; NULL for none.
/// `options` is the text of a JSON object, or NULL for none: `{cwd?, env?, id?, timeoutMs?, input?, maxOutputBytes?}`, as for
/// `execute` in docs/workspace.md; `input` is a text, for callers that give no bytes. `out` receives what came of it, with any
/// exit code; free it with `loopwire_execution_free`.
///
/// Fails with the codes `PATH_OUTSIDE` or `NOT_FOUND` (of `cwd`), `TOO_MANY_TERMINALS`, `NOT_ENABLED`, `SPAWN_FAILED`,
/// `NO_WORKSPACE`, and `ERR_OUTPUT_TOO_LARGE` if it wrote more than `maxOutputBytes`, 16 MiB by default: then it was killed.
/// To end it from another thread, start it with `loopwire_terminal_start` instead. Events: `terminal:started`,
/// `terminal:exit`, for callbacks.
///
/// ```c
/// loopwire_execution *done = NULL;
/// if (loopwire_workspace_execute(workspace, "git status --short", NULL, 0, NULL, &done) == LOOPWIRE_RESULT_OK) {
///     fwrite(done->stdout_bytes, 1, done->stdout_len, stdout);
/// }
/// loopwire_execution_free(done);
/// ```
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; texts are NULL or end with a NUL; `input` is NULL or has `input_len`
/// bytes; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_workspace_execute(
    workspace: *const LoopwireWorkspace,
    command: *const c_char,
    input: *const u8,
    input_len: usize,
    options: *const c_char,
    out: *mut *mut LoopwireExecution,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, command, input, options) = unsafe {
            handle_out(out, "out")?;
            (
                self::workspace(workspace)?,
                text(command, "command")?,
                bytes_in(input, input_len, "input", "input_len")?,
                json(options, "options")?,
            )
        };
        let mut execute = option::execute(command, Given::options(options.as_ref()))?;
        if !input.is_empty() {
            if !execute.input.is_empty() {
                let message = "input stands in the options, too: give one of them";
                return Err(Failure::invalid(message));
            }
            execute.input = input.to_vec().into();
        }
        let terminals = workspace.terminals()?;
        let executed = workspace.wait(async move {
            let cwd = execute.spawn.cwd.clone();
            let executed = terminals.run(execute).await;
            executed.map_err(|refusal| Failure::refused_in(&refusal, cwd.as_deref()))
        })?;
        let execution = LoopwireExecution::new(&executed)?;
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(execution)) };
        Ok(())
    })
}

/// Frees what `loopwire_workspace_execute` has handed out, with all that it points to. NULL does nothing.
///
/// # Safety
/// `execution` is NULL or an execution that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_execution_free(
    execution: *mut LoopwireExecution,
) -> LoopwireResult {
    call(|| {
        if !execution.is_null() {
            // SAFETY: as the caller has promised.
            drop(unsafe { Box::from_raw(execution) });
        }
        Ok(())
    })
}
