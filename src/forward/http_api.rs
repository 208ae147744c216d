//! The local HTTP API: starting and stopping it.

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Failure, Outcome, args, throwing, token};

/// The options of `startHttpApi`. One that is `undefined` was not given; unknown ones throw.
#[napi(object)]
#[allow(
    dead_code,
    reason = "the shape that TypeScript sees; read key by key, so that none is misspelt"
)]
pub struct HttpApiOptions {
    /// What every request has to show, as `Authorization: Bearer {token}` or `?token={token}`: `[0-9A-Za-z._~-]{1,256}`.
    /// Without one every program of this machine may ask, as published.
    pub token: Option<String>,
}

/// Starts the local HTTP API on `port` of 127.0.0.1 (1 to 65535; the SDK's example has 9090).
///
/// Its routes are described by `GET /api/openapi.json`. It keeps the process alive until `stopHttpApi()`. Bound at once:
/// returns 0, or 1 with the text in `sdkGetLastError()`, and the event `httpError` follows (seed 000). Started again on
/// another port, it moves there. Wrong types and unknown options throw `TypeError`, a bad port or token `RangeError`.
///
/// @example if (startHttpApi(9090, { token: generateToken() }) !== 0) console.error(sdkGetLastError());
#[napi(catch_unwind, ts_args_type = "port: number, options?: HttpApiOptions")]
pub fn start_http_api(env: Env, port: Unknown<'_>, options: Unknown<'_>) -> Result<i32> {
    let checked = args::forwarded_port(port, "port").and_then(|port| Ok((port, token(options)?)));
    let (port, token) = throwing(&env, checked)?;
    let environment = Environment::of(&env)?;
    let started = environment.runtime.start_http_api(port, token);
    Ok(environment.settle(started.map_err(Failure::from)))
}

fn token(options: Unknown<'_>) -> Outcome<Option<loopwire_channel::Token>> {
    let mut token = None;
    for (_, value) in args::options(options, "options", &["token"])? {
        token = Some(token::parse(&args::string(value, "options.token")?)?);
    }
    Ok(token)
}

/// Stops the local HTTP API; requests under way are dropped. Posts and returns 0, also if it does not run. No event
/// follows.
///
/// @example stopHttpApi();
#[napi(catch_unwind)]
pub fn stop_http_api(env: Env) -> Result<i32> {
    Environment::of(&env)?.runtime.stop_http_api();
    Ok(0)
}
