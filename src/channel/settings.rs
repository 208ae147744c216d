//! `configure`: the settings of a runtime.

use loopwire_runtime::{Failure, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, throwing};

/// The settings of `configure`. A key that is `undefined` counts as left out; an unknown one throws.
#[napi(object)]
#[allow(
    dead_code,
    reason = "the shape that TypeScript sees; read key by key, so that none is misspelt"
)]
pub struct Settings {
    /// The most bytes that the journal holds: 65536 to 1073741824. Default: 8388608 (8 MiB). To be set before the
    /// journal's first use.
    #[napi(ts_type = "number | undefined")]
    pub journal_bytes: Option<f64>,
    /// The most events that the journal holds: 1024 to 16777216. Default: 65536. To be set before the journal's first
    /// use.
    #[napi(ts_type = "number | undefined")]
    pub journal_events: Option<f64>,
    /// How long the TCP connection to an upstream may take, in milliseconds: 1 to 600000. Default: 10000.
    #[napi(ts_type = "number | undefined")]
    pub connect_timeout_ms: Option<f64>,
    /// How long the proxy handshake after it may take, in milliseconds: 1 to 600000. Default: 10000.
    #[napi(ts_type = "number | undefined")]
    pub handshake_timeout_ms: Option<f64>,
    /// How long the answer to the first data of a client may take, in milliseconds: 1 to 86400000. Default: 120000 (2
    /// minutes). It begins anew with each interim answer (1xx) and each part of a head.
    #[napi(ts_type = "number | undefined")]
    pub first_byte_timeout_ms: Option<f64>,
    /// How long a connection may transfer no byte, in milliseconds: 1 to 86400000. Default: 300000 (5 minutes).
    #[napi(ts_type = "number | undefined")]
    pub idle_timeout_ms: Option<f64>,
    /// How often the upstream of an idle port is checked, in milliseconds: 1 to 86400000; 0 for no checks. Default:
    /// 30000.
    #[napi(ts_type = "number | undefined")]
    pub idle_check_ms: Option<f64>,
    /// The host and port that an HTTP upstream is asked to connect to in a check. Default: `null`, the upstream's own
    /// address.
    #[napi(ts_type = "Probe | null | undefined")]
    pub probe: Option<Probe>,
    /// Whether a port whose upstream fails changes to another one that matches the same filter. Default: `false`.
    #[napi(ts_type = "boolean | undefined")]
    pub rotate_on_error: Option<bool>,
    /// Whether an HTTP provider may answer `direct` for a proxy that is asked for by its id: connections then leave with
    /// this machine's own address. A list in a file may always say so. Default: `false`.
    #[napi(ts_type = "boolean | undefined")]
    pub allow_provider_direct: Option<bool>,
}

/// The host and port that an HTTP upstream is asked to connect to in a check.
#[napi(object)]
#[allow(
    dead_code,
    reason = "the shape that TypeScript sees; read key by key, so that none is misspelt"
)]
pub struct Probe {
    /// A host name or an address. The upstream resolves names.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
}

/// Changes settings of this environment; settings that are left out stay.
///
/// `journalBytes` and `journalEvents` can be set before the journal's first use (a listener, `emit`); afterwards
/// other values throw `Error` `ERR_JOURNAL_IN_USE`. Other settings apply to what begins later. Throws `TypeError` for
/// a wrong type or an unknown key and `RangeError` for a number out of range; then no setting was changed.
///
/// @example configure({ journalBytes: 64 * 1024 * 1024, idleCheckMs: 10_000 });
#[napi(catch_unwind, ts_args_type = "settings: Settings")]
pub fn configure(env: Env, settings: Given<'_>) -> Result<()> {
    let runtime = &Environment::of(&env)?.runtime;
    let changed = throwing(&env, option::settings(settings, runtime.settings()))?;
    throwing(&env, runtime.configure(changed).map_err(Failure::from))
}
