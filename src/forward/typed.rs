//! The typed calls of the forward engine, for new code: `forward`, `rotate`, `ports`, `stats`.

use loopwire_runtime as runtime;
use loopwire_runtime::{Failure, ForwardError, argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::info::{ForwardStats, Forwarded, PortInfo};
use crate::node::{Environment, Given, NativeCancel, promised, throwing};

/// A Promise of a forwarded port; it rejects with the error's `code`.
fn forwarded(
    env: &Env,
    future: impl Future<Output = std::result::Result<runtime::Forwarded, ForwardError>> + Send + 'static,
) -> Result<Object<'_>> {
    let runtime = &Environment::of(env)?.runtime;
    promised(env, runtime, async move {
        let outcome = future.await.map_err(Failure::from);
        outcome.map(Forwarded::from)
    })
}

/// `upstream` is JSON text if it was an object: the JavaScript API makes it.
#[napi(catch_unwind, skip_typescript)]
pub fn forward<'env>(
    env: &'env Env,
    options: Given<'_>,
    upstream: Given<'_>,
    cancel: Option<&NativeCancel>,
) -> Result<Object<'env>> {
    let (port, wanted) = throwing(env, option::forward(options, upstream))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    let begun = engine.forward_cancellable(port, wanted);
    let (forwarding, token) = throwing(env, begun.map_err(Failure::from))?;
    if let Some(cancel) = cancel {
        cancel.attach(token);
    }
    forwarded(env, forwarding)
}

/// Gives `port` another proxy that matches the same filter: that of its configuration, or the one that was used to
/// pick its proxy, or any proxy if there is none.
///
/// Resolves to the new upstream and its latency after the handshake; `portStateUpdate` was published before. The
/// option `onRotate` of `forward` decides what happens to open connections; without it they continue with the old
/// upstream. Rejects with code `ERR_PORT_NOT_FORWARDED`, or with `req_proxy_config_error` and the detail as in
/// `proxyError` (`no port available` means that there is no other proxy); the old upstream then stays. The error has
/// `port`, and as `cause` what the system or the TLS library said of the new upstream, or of the provider
/// (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`). If `signal` is aborted before the port has another upstream, it
/// rejects with an `AbortError`, and the old one stays; after that it is completed. Throws `TypeError` or `RangeError`
/// if `port` or `options` is invalid.
///
/// @example const { proxyId, latencyMs } = await rotate(60000);
#[napi(
    catch_unwind,
    ts_args_type = "port: number, options?: { signal?: AbortSignal }",
    ts_return_type = "Promise<Forwarded>"
)]
pub fn rotate<'env>(
    env: &'env Env,
    port: Given<'_>,
    cancel: Option<&NativeCancel>,
) -> Result<Object<'env>> {
    let port = throwing(env, args::forwarded_port(port, "port"))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    let (rotating, token) = engine.rotate_cancellable(port);
    if let Some(cancel) = cancel {
        cancel.attach(token);
    }
    forwarded(env, rotating)
}

/// The forwarded ports, sorted by port, with their current counters.
///
/// Takes nothing, throws nothing; the array is empty if no port is forwarded.
///
/// @example for (const { port, online } of ports()) console.log(port, online);
#[napi(catch_unwind)]
pub fn ports(env: Env) -> Result<Vec<PortInfo>> {
    let ports = Environment::of(&env)?.runtime.port_infos();
    Ok(ports.into_iter().map(Into::into).collect())
}

/// The current counters of the forward engine.
///
/// Takes nothing. Throws only if the engine cannot start.
///
/// @example const { streams, bytesUp, bytesDown } = stats();
#[napi(catch_unwind)]
pub fn stats(env: Env) -> Result<ForwardStats> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(engine.stats().into())
}
