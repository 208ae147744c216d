//! The channel's functions besides `startEventListener`: settings, the flat start and stop, shutdown.

use std::net::Ipv4Addr;
use std::sync::Arc;

use loopwire_channel::ListenerOptions;
use loopwire_runtime::{OpenListener, Settings as RuntimeSettings, Target};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::args;
use crate::environment::Environment;
use crate::errors::{Class, Failure, Outcome, throwing};
use crate::promise::Answer;
use crate::token;

/// The result of a flat integer function that failed; the text is in `sdkGetLastError()`.
const FAILED: i32 = 1;

/// The only kind of channel there is: WebSocket (reference: `startCommunicate`).
const WEBSOCKET: u64 = 1;

const KNOWN: [&str; 9] = [
    "journalBytes",
    "journalEvents",
    "connectTimeoutMs",
    "handshakeTimeoutMs",
    "firstByteTimeoutMs",
    "idleTimeoutMs",
    "idleCheckMs",
    "probe",
    "rotateOnError",
];

/// The version of Loopwire.
///
/// Returns `loopwire/` and the version of the native part, for example `loopwire/0.1.0`.
///
/// @example console.log(getVersionInfo());
#[napi(catch_unwind)]
pub fn get_version_info() -> String {
    concat!("loopwire/", env!("CARGO_PKG_VERSION")).to_owned()
}

/// The text of the last error of this environment's integer functions.
///
/// Returns the empty string if there was none. Only the most recent one is kept; a success does not clear
/// it.
///
/// @example if (startCommunicate(1, 8881, token) !== 0) console.error(sdkGetLastError());
#[napi(catch_unwind)]
pub fn sdk_get_last_error(env: Env) -> Result<String> {
    Ok(Environment::of(&env)?.last_error.lock().clone())
}

impl Environment {
    /// Turns what happened into the result of an integer function.
    pub(crate) fn settle(&self, outcome: Outcome<()>) -> i32 {
        match outcome {
            Ok(()) => 0,
            Err(failure) => {
                failure.message().clone_into(&mut self.last_error.lock());
                FAILED
            }
        }
    }
}

/// Settings of the whole runtime.
#[napi(object)]
#[allow(
    dead_code,
    reason = "the shape that TypeScript sees; read key by key, so that none is misspelt"
)]
pub struct Settings {
    /// The most bytes the journal holds: 65536 to 1073741824, 8388608 (8 MiB) by default. Before the
    /// first use only.
    pub journal_bytes: Option<f64>,
    /// The most events the journal holds: 1024 to 16777216, 65536 by default. Before the first use only.
    pub journal_events: Option<f64>,
    /// How long a TCP connection to an upstream may take, in milliseconds: 1 to 600000, 10000 by default.
    pub connect_timeout_ms: Option<f64>,
    /// How long the proxy handshake behind it may take: 1 to 600000, 10000 by default.
    pub handshake_timeout_ms: Option<f64>,
    /// How long the answer to what a client sent first may take: 1 to 86400000, 120000 (2 minutes) by default.
    pub first_byte_timeout_ms: Option<f64>,
    /// How long a relay may move no byte: 1 to 86400000, 300000 (5 minutes) by default.
    pub idle_timeout_ms: Option<f64>,
    /// How long an idle port goes without its upstream being checked: 1 to 86400000, 30000 by default; 0
    /// for no checks.
    pub idle_check_ms: Option<f64>,
    /// What a check asks an HTTP upstream to connect to; `null` for the upstream's own address, the default.
    pub probe: Option<Probe>,
    /// Whether a port whose upstream fails takes another one under the same filter; `false` by default.
    pub rotate_on_error: Option<bool>,
}

/// A host and a port that a check asks an HTTP upstream to connect to.
#[napi(object)]
#[allow(
    dead_code,
    reason = "the shape that TypeScript sees; read key by key, so that none is misspelt"
)]
pub struct Probe {
    /// A name or an address; names are resolved by the upstream.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
}

/// Changes settings of this environment's runtime; what is left out stays.
///
/// The journal's bounds can be set before its first use (a listener, `emit`), and again with the same
/// values: otherwise `ERR_JOURNAL_IN_USE` is thrown. The rest takes effect for what begins after it. Wrong types
/// and unknown keys throw `TypeError`, numbers out of range `RangeError`; then nothing was changed.
///
/// @example configure({ journalBytes: 64 * 1024 * 1024, idleCheckMs: 10_000 });
#[napi(catch_unwind, ts_args_type = "settings: Settings")]
pub fn configure(env: Env, settings: Unknown<'_>) -> Result<()> {
    let runtime = &Environment::of(&env)?.runtime;
    let changed = throwing(&env, change(settings, runtime.settings()))?;
    throwing(&env, runtime.configure(changed).map_err(Failure::from))
}

fn change(given: Unknown<'_>, mut settings: RuntimeSettings) -> Outcome<RuntimeSettings> {
    // A day; ten minutes: beyond them nobody would call it a limit.
    const DAY: u64 = 86_400_000;
    const TEN_MINUTES: u64 = 600_000;

    for (key, value) in args::options(given, "settings", &KNOWN)? {
        let name = format!("settings.{key}");
        let millis = |value, range| args::millis(value, &name, range);
        let size = |value, range| args::size(value, &name, range);
        let forward = &mut settings.forward;
        match key.as_str() {
            // Below these floors a single batch would not fit; above the ceilings it is a leak, not a buffer.
            "journalBytes" => settings.bounds.bytes = size(value, 64 << 10..=1 << 30)?,
            "journalEvents" => settings.bounds.events = size(value, 1 << 10..=1 << 24)?,
            "connectTimeoutMs" => forward.connect_timeout = millis(value, 1..=TEN_MINUTES)?,
            "handshakeTimeoutMs" => forward.handshake_timeout = millis(value, 1..=TEN_MINUTES)?,
            "firstByteTimeoutMs" => forward.first_byte_timeout = millis(value, 1..=DAY)?,
            "idleTimeoutMs" => forward.idle_timeout = millis(value, 1..=DAY)?,
            "idleCheckMs" => forward.idle_check = millis(value, 0..=DAY)?,
            "rotateOnError" => forward.rotate_on_error = args::boolean(value, &name)?,
            _ => forward.probe = probe(value, "settings.probe")?,
        }
    }
    Ok(settings)
}

/// A probe target: `{host, port}`, or null for none.
pub(crate) fn probe(value: Unknown<'_>, name: &str) -> Outcome<Option<Target>> {
    if args::is_null(&value) {
        return Ok(None);
    }
    let (mut host, mut port) = (None, None);
    for (key, value) in args::options(value, name, &["host", "port"])? {
        match key.as_str() {
            "host" => host = Some(args::string(value, &format!("{name}.host"))?),
            _ => port = Some(args::port(value, &format!("{name}.port"))?),
        }
    }
    let target = host
        .zip(port)
        .and_then(|(host, port)| Target::new(&host, port));
    target.map(Some).ok_or_else(|| {
        let message =
            format!("{name} must be {{host, port}} with a host and a port from 1 to 65535");
        Failure::new(Class::Type, "ERR_INVALID_ARG_VALUE", message)
    })
}

/// Starts the channel without a callback, as the SDK's native page has it.
///
/// `comType` is 1 (WebSocket, the only kind), `port` a port from 0 to 65535, `token` as for
/// `startEventListener`. Binds 127.0.0.1 at once and returns 0, or 1 when that failed; the text is then in
/// `sdkGetLastError()`. Wrong types throw `TypeError`, a bad port `RangeError`.
///
/// @example startCommunicate(1, 8881, generateToken());
#[napi(
    catch_unwind,
    ts_args_type = "comType: number, port: number, token: string"
)]
pub fn start_communicate(
    env: Env,
    com_type: Unknown<'_>,
    port: Unknown<'_>,
    token: Unknown<'_>,
) -> Result<i32> {
    let environment = Environment::of(&env)?;
    let checked = args::number(com_type, "comType").and_then(|kind| {
        let port = args::port(port, "port")?;
        Ok((kind, port, args::string(token, "token")?))
    });
    let (kind, port, token) = throwing(&env, checked)?;
    #[expect(clippy::cast_precision_loss, reason = "it is 1")]
    let outcome = if kind == WEBSOCKET as f64 {
        start(environment, port, &token)
    } else {
        Err(Failure::out_of_range(
            "comType",
            "1 (WebSocket)",
            &kind.to_string(),
        ))
    };
    Ok(environment.settle(outcome))
}

fn start(environment: &Environment, port: u16, token: &str) -> Outcome<()> {
    let open = OpenListener {
        host: Ipv4Addr::LOCALHOST.into(),
        port,
        token: token::parse(token)?,
        ring: None,
        detail: false,
        tls: None,
        options: ListenerOptions::default(),
    };
    environment.runtime.open(open)?;
    Ok(())
}

/// Stops the channel: every listener of this environment, `startEventListener`'s too.
///
/// Posts and returns 0; `listener.close()` and `shutdown()` return Promises for those who want to wait.
///
/// @example stopCommunicate();
#[napi(catch_unwind)]
pub fn stop_communicate(env: Env) -> Result<i32> {
    let runtime = &Environment::of(&env)?.runtime;
    for listener in runtime.listeners() {
        // From here on it counts as closed and no callback hears anything; the rest takes its time.
        listener.stop();
        runtime.spawn(async move { listener.close().await });
    }
    Ok(0)
}

/// Stops everything of this environment in order: listeners, forwarded ports, threads.
///
/// Resolves when all ports are free. Idempotent; what is called afterwards starts afresh, with a new epoch.
/// Saved ports stay saved. The counterpart of the SDK's `SafeExit`.
///
/// @example await shutdown();
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn shutdown(env: &Env) -> Result<Object<'_>> {
    let runtime = Arc::clone(&Environment::of(env)?.runtime);
    let (answer, promise) = Answer::promise(env, |_| Ok(()))?;
    let parts = runtime.begin_shutdown();
    // A thread of its own: the runtime's cannot wait for their own end, and JavaScript's must not.
    let finish = move || {
        runtime.finish_shutdown(parts);
        answer.give(|_| Ok(()));
    };
    std::thread::Builder::new()
        .name("loopwire-shutdown".to_owned())
        .spawn(finish)
        .map_err(|error| Error::from_reason(error.to_string()))?;
    Ok(promise)
}
