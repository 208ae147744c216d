//! A command with its streams.

use std::ffi::c_char;
use std::sync::Arc;

use loopwire_runtime::argument as args;
use loopwire_runtime::{Failure, Outcome, Terminal, option};

use super::handle::{LoopwireWorkspace, workspace};
use super::output::{id_out, json_out, optional_out};
use super::output_place::Output;
use super::shapes;
use super::waiting::within;
use crate::boundary::{
    Given, LoopwireResult, bytes_in, call, handle_out, json, len_out, number_out, text,
};
use crate::runtime::LoopwireRuntime;

/// A running command, or one that has ended.
///
/// Any thread may use it, also several at once: reading in one, writing in another.
pub struct LoopwireTerminal {
    pub(super) terminal: Terminal,
    pid: u32,
    pub(super) output: Arc<Output>,
    pub(super) runtime: LoopwireRuntime,
}

/// The terminal behind a pointer.
///
/// # Safety
/// `pointer` is NULL or a terminal that was not freed.
pub(super) unsafe fn terminal<'a>(
    pointer: *const LoopwireTerminal,
) -> Outcome<&'a LoopwireTerminal> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("terminal must not be NULL"))
}

/// Starts a command in a terminal, and waits until it runs. Clients can attach to it by its id.
///
/// `options` is the text of a JSON object, or NULL for none: `{command?, cwd?, env?, id?, pty?, cols?, rows?, timeoutMs?}`, as for
/// `terminal` in docs/workspace.md. Without a `command` it is the shell itself; `pty` is true by default, and with false the
/// command gets pipes. `out` receives the handle; free it with `loopwire_terminal_free`.
///
/// Fails with the codes `ID_IN_USE`, `PATH_OUTSIDE` or `NOT_FOUND` (of `cwd`), `TOO_MANY_TERMINALS`, `NOT_ENABLED`,
/// `SPAWN_FAILED`, `NO_WORKSPACE`. Events: `terminal:started`, `terminal:exit`, for callbacks.
///
/// ```c
/// loopwire_terminal *terminal = NULL;
/// if (loopwire_terminal_start(workspace, "{\"command\": \"npm test\"}", &terminal) != LOOPWIRE_RESULT_OK) return 1;
/// uint8_t bytes[65536];
/// size_t len = 0;
/// while (loopwire_terminal_read(terminal, bytes, sizeof bytes, UINT32_MAX, &len, NULL, NULL) == LOOPWIRE_RESULT_OK) {
///     fwrite(bytes, 1, len, stdout);
/// }
/// loopwire_terminal_free(terminal);
/// ```
///
/// # Safety
/// `workspace` is NULL or a workspace that was not freed; `options` is NULL or ends with a NUL; `out` is NULL or can be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_start(
    workspace: *const LoopwireWorkspace,
    options: *const c_char,
    out: *mut *mut LoopwireTerminal,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (workspace, options) = unsafe {
            handle_out(out, "out")?;
            (self::workspace(workspace)?, json(options, "options")?)
        };
        let spawn = option::terminal(Given::options(options.as_ref()))?;
        let terminals = workspace.terminals()?;
        let (terminal, pid) = workspace.wait(async move {
            let cwd = spawn.cwd.clone();
            let refused = |refusal| Failure::refused_in(&refusal, cwd.as_deref());
            let terminal = terminals.spawn(spawn).map_err(refused)?;
            let pid = terminal.started().await.map_err(refused)?;
            Ok((terminal, pid))
        })?;
        let handle = LoopwireTerminal {
            terminal,
            pid,
            output: Arc::default(),
            runtime: workspace.runtime.clone(),
        };
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(handle))) };
        Ok(())
    })
}

/// Its id: the given one, or "term-N". `out` receives it; give it back with `loopwire_free`.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_id(
    terminal: *const LoopwireTerminal,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            handle_out(out, "out")?;
            id_out(out, self::terminal(terminal)?.terminal.id())
        }
    })
}

/// The process id of the command, which is also its session id. `out` receives it.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_pid(
    terminal: *const LoopwireTerminal,
    out: *mut u32,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            len_out(out, "out")?;
            number_out(out, self::terminal(terminal)?.pid);
        }
        Ok(())
    })
}

/// Writes `len` bytes to the input of the command.
///
/// Up to 1 MiB may wait for the command to read it. With `wait` the call returns when there is room for more: a thread that
/// writes so is never refused if it writes at most 512 KiB at once. Without it the call returns at once. Input for a command that
/// has ended, or has closed its input, is dropped.
///
/// Fails with the code `INPUT_FULL` if too much waits already; then nothing was written.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; `data` is NULL or has `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_write(
    terminal: *const LoopwireTerminal,
    data: *const u8,
    len: usize,
    wait: bool,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (terminal, data) = unsafe {
            (
                self::terminal(terminal)?,
                bytes_in(data, len, "data", "len")?,
            )
        };
        let written = terminal.terminal.write(data.to_vec().into());
        written.map_err(|refusal| Failure::refused(&refusal))?;
        if !wait {
            return Ok(());
        }
        let writing = terminal.terminal.clone();
        within(&terminal.runtime, u32::MAX, async move {
            writing.room().await;
            Some(())
        })
    })
}

/// Changes the size of its screen, and sends SIGWINCH. Without a PTY it does nothing.
///
/// `cols` and `rows` are 1 to 2000.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_resize(
    terminal: *const LoopwireTerminal,
    cols: u32,
    rows: u32,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let terminal = unsafe { self::terminal(terminal) }?;
        let cols = option::side(Given::Integer(cols.into()), "cols")?;
        let rows = option::side(Given::Integer(rows.into()), "rows")?;
        terminal.terminal.resize(cols, rows);
        Ok(())
    })
}

/// Sends a signal to its process group; with a PTY to the process group in the foreground.
///
/// `signal` is a name, as "SIGINT". It does nothing if the command has ended. Fails with the code `UNKNOWN_SIGNAL` for another
/// name.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; `signal` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_signal(
    terminal: *const LoopwireTerminal,
    signal: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (terminal, signal) = unsafe { (self::terminal(terminal)?, text(signal, "signal")?) };
        let sent = terminal.terminal.signal(&args::string(signal, "signal")?);
        sent.map_err(|refusal| Failure::refused(&refusal))
    })
}

/// Ends its input after everything that was written: a pipe is closed, a PTY gets Ctrl+D.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_eof(
    terminal: *const LoopwireTerminal,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::terminal(terminal) }?.terminal.eof();
        Ok(())
    })
}

/// Ends the command: its processes get SIGTERM and, two seconds later, SIGKILL. Returns at once;
/// `loopwire_terminal_exit` waits for it. It does nothing if the command has ended.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_end(
    terminal: *const LoopwireTerminal,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::terminal(terminal) }?.terminal.end();
        Ok(())
    })
}

/// Waits until the command has ended and its last byte was put out.
///
/// `out` receives JSON text, to be given back with `loopwire_free`; it may be NULL:
/// `{"exitCode": number or null, "signal": text or null, "durationMs": number, "reason"?: "timeout", "output", "closed" or
/// "failed"}`. Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT`. It may be
/// called again. A command whose output somebody has begun to read ends only when that is read, or after
/// `loopwire_terminal_stop_reading`.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_exit(
    terminal: *const LoopwireTerminal,
    timeout_ms: u32,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let terminal = unsafe {
            optional_out(out, "out")?;
            self::terminal(terminal)?
        };
        let ending = terminal.terminal.clone();
        let exit = within(&terminal.runtime, timeout_ms, async move {
            Some(ending.exit().await)
        })?;
        // SAFETY: as the caller has promised.
        unsafe { json_out(out, &shapes::exit(&exit)) }
    })
}

/// Frees the handle. NULL does nothing. Reading ends; the command goes on, and clients can attach to it: to end it, call
/// `loopwire_terminal_end` before.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_free(terminal: *mut LoopwireTerminal) -> LoopwireResult {
    call(|| {
        if !terminal.is_null() {
            // SAFETY: as the caller has promised.
            drop(unsafe { Box::from_raw(terminal) });
        }
        Ok(())
    })
}
