//! A command that runs in a workspace, as the application has it.
#![expect(
    unsafe_code,
    reason = "a Buffer is made on JavaScript's own thread, which napi-rs asks for by an unsafe method"
)]

use std::sync::Arc;

use loopwire_runtime::{Reader, Runtime, Source, Spawn, Terminal};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::Value;
use tokio::sync::Mutex;

use super::env::environment;
use crate::node::{Failure, Outcome, args, promised, throwing};

const KNOWN: [&str; 8] = [
    "command",
    "cwd",
    "env",
    "id",
    "pty",
    "cols",
    "rows",
    "timeoutMs",
];

/// Columns and rows that a terminal may have, as on the wire.
const MAX_SIDE: u64 = 2_000;

/// A day, in milliseconds.
const DAY: u64 = 86_400_000;

/// How a command ended.
#[napi(object)]
pub struct TerminalExit {
    /// The exit code; `null` if a signal ended it.
    #[napi(ts_type = "number | null")]
    pub exit_code: Either<i32, Null>,
    /// The signal that ended it, as `'SIGKILL'`; `null` if none did.
    #[napi(ts_type = "string | null")]
    pub signal: Either<String, Null>,
    /// How long it ran, in milliseconds.
    pub duration_ms: f64,
}

/// A piece of output.
#[napi(object, object_from_js = false)]
pub struct TerminalChunk<'env> {
    /// Where it came from; a PTY has `'stdout'` alone.
    #[napi(ts_type = "'stdout' | 'stderr'")]
    pub source: &'static str,
    /// Where it begins, in bytes since the command's start, both sources counted together.
    pub offset: f64,
    /// The bytes, exactly as they came.
    pub data: BufferSlice<'env>,
}

/// One running command.
#[napi]
pub struct NativeTerminal {
    terminal: Terminal,
    pid: u32,
    /// There while somebody reads: the terminal pauses for it.
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
    /// Its id: the one that was asked for, or `term-N`. Clients attach to it by this id.
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

    /// The process id of the command, and of its session.
    #[napi(getter, catch_unwind)]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Types into the command.
    ///
    /// `data` is a string, as UTF-8, or bytes. Resolves when the command may be given more: 1 MiB may wait for
    /// it. What is typed into one that has ended, or has closed its input, is nothing. Rejects with code `INPUT_FULL`,
    /// with nothing taken, where that much waits already. Throws `TypeError` for other types.
    ///
    /// @example await terminal.write('ls\r');
    #[napi(
        catch_unwind,
        ts_args_type = "data: string | Uint8Array",
        ts_return_type = "Promise<void>"
    )]
    pub fn write<'env>(&self, env: &'env Env, data: Unknown<'_>) -> Result<Object<'env>> {
        let data = throwing(env, args::bytes(data, "data"))?;
        // Taken here, so that the order of calls is the order of what is typed.
        let written = self.terminal.write(data.into());
        let terminal = self.terminal.clone();
        promised(env, &self.runtime, async move {
            written.map_err(|refusal| Failure::refused(&refusal))?;
            terminal.room().await;
            Ok(())
        })
    }

    /// Changes the size of its screen: SIGWINCH. Nothing happens to a command without a PTY.
    ///
    /// `cols` and `rows` are whole numbers from 1 to 2000. Throws `TypeError` or `RangeError` for others.
    ///
    /// @example terminal.resize(120, 30);
    #[napi(catch_unwind, ts_args_type = "cols: number, rows: number")]
    pub fn resize(&self, env: Env, cols: Unknown<'_>, rows: Unknown<'_>) -> Result<()> {
        let checked = side(cols, "cols").and_then(|cols| Ok((cols, side(rows, "rows")?)));
        let (cols, rows) = throwing(&env, checked)?;
        self.terminal.resize(cols, rows);
        Ok(())
    }

    /// Sends a signal to its process group; with a PTY, to the group in the foreground.
    ///
    /// `signal` is a name, as `'SIGINT'`. Nothing happens to one that has ended. Throws `TypeError` for other types,
    /// `UNKNOWN_SIGNAL` for what is no signal's name.
    ///
    /// @example terminal.signal('SIGINT');
    #[napi(catch_unwind, ts_args_type = "signal: string")]
    pub fn signal(&self, env: Env, signal: Unknown<'_>) -> Result<()> {
        let signal = throwing(&env, args::string(signal, "signal"))?;
        let sent = self.terminal.signal(&signal);
        throwing(&env, sent.map_err(|refusal| Failure::refused(&refusal)))
    }

    /// Ends its input: a pipe is closed, a PTY is told what Ctrl+D says. What was typed before comes first.
    ///
    /// @example terminal.eof();
    #[napi(catch_unwind)]
    pub fn eof(&self) {
        self.terminal.eof();
    }

    /// The next piece of output, `null` behind the last. From the first call on the command pauses while nobody
    /// takes what it puts out.
    #[napi(catch_unwind, skip_typescript)]
    pub fn read<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (reader, terminal) = (Arc::clone(&self.reader), self.terminal.clone());
        promised(env, &self.runtime, async move {
            let mut reader = reader.lock().await;
            let reader = reader.get_or_insert_with(|| terminal.reader(None));
            Ok(reader.read().await.map(Piece))
        })
    }

    /// Nobody reads any more: what comes goes into the scrollback.
    #[napi(catch_unwind, skip_typescript)]
    pub fn stop_reading(&self) {
        let reader = Arc::clone(&self.reader);
        self.runtime.spawn(async move {
            reader.lock().await.take();
        });
    }

    /// How it ended, once it has.
    #[napi(catch_unwind, skip_typescript)]
    pub fn exit<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let terminal = self.terminal.clone();
        promised(env, &self.runtime, async move {
            let exit = terminal.exit().await;
            Ok(TerminalExit {
                exit_code: exit.code.map_or(Either::B(Null), Either::A),
                signal: exit.signal.map_or(Either::B(Null), Either::A),
                duration_ms: exit.duration.as_secs_f64() * 1_000.0,
            })
        })
    }
}

/// A piece of output, made into JavaScript's on its own thread.
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

fn side(value: Unknown<'_>, name: &str) -> Outcome<u16> {
    let side = args::integer(value, name, 1..=MAX_SIDE)?;
    Ok(u16::try_from(side).unwrap_or(u16::MAX))
}

/// Reads what a command is started with.
pub(super) fn spawn(options: Unknown<'_>) -> Outcome<Spawn> {
    let mut spawn = Spawn::default();
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "command" => spawn.command = Some(text(value, name)?),
            "cwd" => spawn.cwd = Some(text(value, name)?),
            "env" => spawn.env = environment(value, name)?,
            "id" => spawn.id = Some(args::string(value, name)?.into()),
            "pty" => spawn.pty = args::boolean(value, name)?,
            "cols" => spawn.cols = side(value, name)?,
            "rows" => spawn.rows = side(value, name)?,
            _ => spawn.timeout = Some(args::millis(value, name, 1..=DAY)?),
        }
    }
    Ok(spawn)
}

fn text(value: Unknown<'_>, name: &str) -> Outcome<String> {
    let text = args::string(value, name)?;
    if text.contains('\0') {
        return Err(Failure::invalid(format!("{name} has a NUL in it")));
    }
    Ok(text)
}
