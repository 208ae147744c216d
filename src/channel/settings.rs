//! `configure`: the settings of a runtime.

use loopwire_runtime::Settings as RuntimeSettings;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Failure, Outcome, args, target, throwing};

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
            _ => forward.probe = target(value, "settings.probe")?,
        }
    }
    Ok(settings)
}
