//! The local HTTP API: starting and stopping it.

use loopwire_runtime::{argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, throwing};

/// The options of `startHttpApi`. An option that is `undefined` counts as left out; an unknown one throws.
#[napi(object)]
#[allow(
    dead_code,
    reason = "the shape that TypeScript sees; read key by key, so that none is misspelt"
)]
pub struct HttpApiOptions {
    /// The token that every request must have, as `Authorization: Bearer {token}` or `?token={token}`:
    /// `[0-9A-Za-z._~-]{1,256}`. Default: none; then every program on this machine can use the API.
    #[napi(ts_type = "string | undefined")]
    pub token: Option<String>,
}

/// Starts the local HTTP API on `port` of 127.0.0.1.
///
/// `port` is 1 to 65535; the SDK's example uses 9090. `GET /api/openapi.json` describes its routes. The API keeps the
/// process alive until `stopHttpApi()`. The port is bound before the call returns: 0, or 1 with the text in
/// `sdkGetLastError()`, followed by the event `httpError`. Started again on another port, it moves there. Throws
/// `TypeError` for a wrong type or an unknown option, `RangeError` for a bad port or token.
///
/// @example if (startHttpApi(9090, { token: generateToken() }) !== 0) console.error(sdkGetLastError());
#[napi(catch_unwind, ts_args_type = "port: number, options?: HttpApiOptions")]
pub fn start_http_api(env: Env, port: Given<'_>, options: Given<'_>) -> Result<i32> {
    let checked =
        args::forwarded_port(port, "port").and_then(|port| Ok((port, option::http_api(options)?)));
    let (port, token) = throwing(&env, checked)?;
    let environment = Environment::of(&env)?;
    let started = environment
        .forward()
        .and_then(|_| Ok(environment.runtime.start_http_api(port, token)?));
    Ok(environment.settle(started))
}

/// Stops the local HTTP API; requests that are not answered yet are dropped.
///
/// Takes nothing and returns 0 at once, also if the API is not running. No event follows.
///
/// @example stopHttpApi();
#[napi(catch_unwind)]
pub fn stop_http_api(env: Env) -> Result<i32> {
    Environment::of(&env)?.runtime.stop_http_api();
    Ok(0)
}
