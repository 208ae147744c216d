//! A command of a workspace, as the application uses it.
#![expect(
    unsafe_code,
    reason = "napi-rs makes a Buffer on JavaScript's thread by an unsafe method"
)]

use std::sync::Arc;

use loopwire_runtime::{Failure, Reader, Runtime, Source, Terminal, argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::node::{Given, promised, throwing};

/// The end of a command.
#[napi(object, object_from_js = false)]
pub struct TerminalExit {
    /// The exit code; `null` if a signal ended it.
    #[napi(ts_type = "number | null")]
    pub exit_code: Either<i32, Null>,
    /// The signal that ended it, as `'SIGKILL'`; `null` if it ended by itself.
    #[napi(ts_type = "string | null")]
    pub signal: Either<String, Null>,
    /// How long it ran, in milliseconds.
    pub duration_ms: f64,
    /// Why the workspace ended it: `'timeout'` (`timeoutMs`), `'output'` (`maxOutputBytes` of the workspace), `'detached'`
    /// (nobody attached for `detachMs`) or `'closed'` (the workspace was closed, or the terminal by `close()` or its
    /// `signal`); `'failed'` if it could not be run to its end. Absent if it ended otherwise.
    #[napi(ts_type = "'timeout' | 'output' | 'detached' | 'closed' | 'failed'")]
    pub reason: Option<&'static str>,
}

/// A piece of output.
#[napi(object, object_from_js = false)]
pub struct TerminalChunk<'env> {
    /// The stream it came from; with a PTY always `'stdout'`.
    #[napi(ts_type = "'stdout' | 'stderr'")]
    pub source: &'static str,
    /// Its offset: the bytes of both streams since the command started. If it does not follow the previous piece, what
    /// lay between was overwritten. In a PTY the first piece behind such a gap is no output: it sets the modes of a
    /// screen that hold there, and takes the place of the last bytes that were lost.
    pub offset: f64,
    /// The bytes, unchanged.
    pub data: BufferSlice<'env>,
}

/// A running command.
#[napi]
pub struct NativeTerminal {
    terminal: Terminal,
    pid: u32,
    /// Set while the application reads: then the command pauses for it.
    reader: Arc<Mutex<Option<Reader>>>,
    runtime: Arc<Runtime>,
}

impl NativeTerminal {
    pub(super) fn new(terminal: Terminal, pid: u32, runtime: Arc<Runtime>) -> Self {
        Self {
            terminal,
            pid,
            reader: Arc::default(),
            runtime,
        }
    }
}

#[napi]
impl NativeTerminal {
    /// Its id: the given one, or `term-N`. Clients attach to it by this id.
    #[napi(getter, catch_unwind, ts_return_type = "string | number")]
    pub fn id<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match self.terminal.id() {
            Value::Number(number) => Ok(env
                .create_double(number.as_f64().unwrap_or_default())?
                .to_unknown()),
            Value::String(text) => Ok(env.create_string(text)?.to_unknown()),
            other => Ok(env.create_string(other.to_string())?.to_unknown()),
        }
    }

    /// The process id of the command, which is also its session id.
    #[napi(getter, catch_unwind)]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Writes to the input of the command.
    ///
    /// `data` is a string, which is sent as UTF-8, or the bytes of a view or an ArrayBuffer. Up to 1 MiB may wait; the
    /// Promise resolves when there is room for more. Input for a command that has ended, or has closed its input, is dropped.
    /// Rejects with code `INPUT_FULL` if 1 MiB waits already; then nothing was written. If `signal` is aborted before, nothing
    /// is written; if it is aborted while the Promise waits for room, that wait ends with an `AbortError`, and the data stays
    /// written. Throws `TypeError` for another type.
    ///
    /// @example await terminal.write('ls\r');
    #[napi(
        catch_unwind,
        ts_args_type = "data: string | ArrayBufferView | ArrayBufferLike, options?: { signal?: AbortSignal }",
        ts_return_type = "Promise<void>"
    )]
    pub fn write<'env>(&self, env: &'env Env, data: Given<'_>) -> Result<Object<'env>> {
        let data = throwing(env, args::bytes(data, "data"))?;
        // Queued here, so that input keeps the order of the calls.
        let written = self.terminal.write(data.into());
        let terminal = self.terminal.clone();
        promised(env, &self.runtime, async move {
            written.map_err(|refusal| Failure::refused(&refusal))?;
            terminal.room().await;
            Ok(())
        })
    }

    /// Changes the size of its screen and sends SIGWINCH. Without a PTY it does nothing.
    ///
    /// `cols` and `rows` are whole numbers from 1 to 2000. Throws `TypeError` for a wrong type and `RangeError` for
    /// another number.
    ///
    /// @example terminal.resize(120, 30);
    #[napi(catch_unwind, ts_args_type = "cols: number, rows: number")]
    pub fn resize(&self, env: Env, cols: Given<'_>, rows: Given<'_>) -> Result<()> {
        let checked =
            option::side(cols, "cols").and_then(|cols| Ok((cols, option::side(rows, "rows")?)));
        let (cols, rows) = throwing(&env, checked)?;
        self.terminal.resize(cols, rows);
        Ok(())
    }

    /// Sends a signal to its process group; with a PTY to the process group in the foreground.
    ///
    /// `signal` is a name, as `'SIGINT'`. It does nothing if the command has ended. Throws `TypeError` for another
    /// type, and `UNKNOWN_SIGNAL` for an unknown name.
    ///
    /// @example terminal.signal('SIGINT');
    #[napi(catch_unwind, ts_args_type = "signal: string")]
    pub fn signal(&self, env: Env, signal: Given<'_>) -> Result<()> {
        let signal = throwing(&env, args::string(signal, "signal"))?;
        let sent = self.terminal.signal(&signal);
        throwing(&env, sent.map_err(|refusal| Failure::refused(&refusal)))
    }

    /// Ends its input after everything that was written: a pipe is closed, a PTY gets Ctrl+D.
    ///
    /// @example terminal.eof();
    #[napi(catch_unwind)]
    pub fn eof(&self) {
        self.terminal.eof();
    }

    /// Ends the command: SIGTERM, and SIGKILL 2 s later.
    #[napi(catch_unwind, skip_typescript)]
    pub fn end(&self) {
        self.terminal.end();
    }

    /// The next piece of output, `null` after the last one. From the first call on the command pauses while its
    /// output is not read.
    #[napi(catch_unwind, skip_typescript)]
    pub fn read<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (reader, terminal) = (Arc::clone(&self.reader), self.terminal.clone());
        promised(env, &self.runtime, async move {
            let mut reader = reader.lock().await;
            let reader = reader.get_or_insert_with(|| terminal.reader(None));
            Ok(reader.read().await.map(Piece))
        })
    }

    /// Ends reading: from now on output goes to the scrollback only.
    #[napi(catch_unwind, skip_typescript)]
    pub fn stop_reading(&self) {
        let reader = Arc::clone(&self.reader);
        self.runtime.spawn(async move {
            reader.lock().await.take();
        });
    }

    /// Resolves with the end of the command once it has ended.
    #[napi(catch_unwind, skip_typescript)]
    pub fn exit<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let terminal = self.terminal.clone();
        promised(env, &self.runtime, async move {
            let exit = terminal.exit().await;
            Ok(TerminalExit {
                exit_code: exit.code.map_or(Either::B(Null), Either::A),
                signal: exit.signal.map_or(Either::B(Null), Either::A),
                duration_ms: exit.duration.as_secs_f64() * 1_000.0,
                reason: exit.reason,
            })
        })
    }
}

/// A piece of output, converted on JavaScript's thread.
pub struct Piece(loopwire_runtime::Chunk);

impl ToNapiValue for Piece {
    unsafe fn to_napi_value(
        raw: napi::sys::napi_env,
        piece: Self,
    ) -> Result<napi::sys::napi_value> {
        let env = Env::from_raw(raw);
        #[expect(clippy::cast_precision_loss, reason = "offsets lie below 2^53")]
        let chunk = TerminalChunk {
            source: match piece.0.source {
                Source::Stdout => "stdout",
                Source::Stderr => "stderr",
            },
            offset: piece.0.offset as f64,
            data: BufferSlice::copy_from(&env, &piece.0.bytes)?,
        };
        // SAFETY: the environment is the one that was given.
        unsafe { ToNapiValue::to_napi_value(raw, chunk) }
    }
}
