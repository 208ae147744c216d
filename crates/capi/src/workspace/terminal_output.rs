//! Reading the output of a command.

use std::sync::Arc;

use loopwire_runtime::Failure;

use super::output_place::LoopwireSource;
use super::terminal::{LoopwireTerminal, terminal};
use super::waiting::within;
use crate::boundary::{LoopwireResult, call, len_out, number_out};

/// Reads what comes next of the output into `buffer`, which has room for `capacity` bytes, 1 or more.
///
/// `len` receives how many bytes there are now, at least 1 after `LOOPWIRE_RESULT_OK`, all of one stream. `source` receives
/// which one, `offset` where they begin: the bytes of both streams since the command started; either may be NULL. If an offset
/// does not follow from the one before, what lay between was overwritten before it was read; in a PTY the bytes behind such a
/// gap begin with sequences that set the modes of a screen.
///
/// Waits for `timeout_ms` milliseconds, 0 for not at all, `UINT32_MAX` for ever: `LOOPWIRE_RESULT_TIMED_OUT` if nothing came,
/// and no byte is lost. `LOOPWIRE_RESULT_ENDED` behind the last byte. Threads that read at once share the output.
///
/// From the first call on the command pauses while its output is not read. Output from before comes first, as far as the
/// scrollback holds it.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed; `buffer` is NULL or has room for `capacity` bytes; `len` is NULL or can be
/// written; `source` and `offset` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_read(
    terminal: *const LoopwireTerminal,
    buffer: *mut u8,
    capacity: usize,
    timeout_ms: u32,
    len: *mut usize,
    source: *mut LoopwireSource,
    offset: *mut u64,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let terminal = unsafe {
            len_out(len, "len")?;
            self::terminal(terminal)?
        };
        if buffer.is_null() {
            return Err(Failure::invalid("buffer must not be NULL"));
        }
        if capacity == 0 {
            return Err(Failure::out_of_range("capacity", "1 or more", "0"));
        }
        let chunk = loop {
            let (output, reading) = (Arc::clone(&terminal.output), terminal.terminal.clone());
            let fill = async move { output.fill(&reading).await };
            within(&terminal.runtime, timeout_ms, fill)?;
            if let Some(chunk) = terminal.output.take(capacity) {
                break chunk;
            }
        };
        // SAFETY: as the caller has promised; no more bytes are read than there is room for.
        unsafe {
            buffer.copy_from_nonoverlapping(chunk.bytes.as_ptr(), chunk.bytes.len());
            number_out(len, chunk.bytes.len());
            number_out(source, chunk.source.into());
            number_out(offset, chunk.offset);
        }
        Ok(())
    })
}

/// Ends reading: from now on the command does not pause, and its output goes to the scrollback only. A later
/// `loopwire_terminal_read` begins with what the scrollback holds then.
///
/// # Safety
/// `terminal` is NULL or a terminal that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_terminal_stop_reading(
    terminal: *const LoopwireTerminal,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let terminal = unsafe { self::terminal(terminal) }?;
        if terminal.output.try_stop() {
            return Ok(());
        }
        // Without a runtime nothing is left to pause.
        if let Ok(runtime) = terminal.runtime.get() {
            let output = Arc::clone(&terminal.output);
            runtime.spawn(async move { output.stop().await });
        }
        Ok(())
    })
}
