//! The typed calls of the forward engine, for new code: `forward`, `rotate`, `ports`, `stats`.

use loopwire_channel::json;
use loopwire_runtime as runtime;
use loopwire_runtime::{Accept, Auth, ForwardError, OnRotate, Rules, Through, Wanted};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::Value;

use super::info::{ForwardStats, Forwarded, PortInfo};
use crate::node::{Environment, Failure, NativeCancel, Outcome, args, promised, target, throwing};

const KNOWN: [&str; 8] = [
    "port",
    "upstream",
    "accept",
    "probe",
    "onRotate",
    "rotateOnError",
    "auth",
    "requestId",
];

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
    options: Unknown<'_>,
    upstream: Unknown<'_>,
    cancel: Option<&NativeCancel>,
) -> Result<Object<'env>> {
    let invalid = |error: ForwardError| Failure::invalid(error.to_string());
    let (port, wanted) = throwing(env, wanted(options, upstream))?;
    throwing(env, wanted.check().map_err(invalid))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    let begun = engine.forward_cancellable(port, wanted);
    let (forwarding, token) = throwing(env, begun.map_err(invalid))?;
    if let Some(cancel) = cancel {
        cancel.attach(token);
    }
    forwarded(env, forwarding)
}

fn wanted(options: Unknown<'_>, upstream: Unknown<'_>) -> Outcome<(u16, Wanted)> {
    let mut port = None;
    let mut rules = Rules::default();
    let mut request_id = None;
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        match key.as_str() {
            "port" => port = Some(args::forwarded_port(value, &name)?),
            "accept" => rules.accept = accept(&args::string(value, &name)?)?,
            "probe" => rules.probe = target(value, &name)?,
            "onRotate" => rules.on_rotate = on_rotate(&args::string(value, &name)?)?,
            "rotateOnError" => rules.rotate_on_error = Some(args::boolean(value, &name)?),
            "auth" => rules.auth = Some(auth(value)?),
            "requestId" => request_id = Some(args::id(value, &name)?),
            // `upstream`: the JavaScript API passes it as JSON text.
            _ => {}
        }
    }
    let missing = |name| Failure::wrong_type(name, "given", "undefined");
    let port = port.ok_or_else(|| missing("options.port"))?;
    let text = args::string(upstream, "options.upstream")?;
    let through = match json::read(&text) {
        // An object with nothing but the id of a proxy.
        Ok(Value::Object(given)) if !given.contains_key("protocol") => {
            let id = given.get("id").and_then(Value::as_str).map(str::to_owned);
            Through::Named(id.filter(|_| given.len() == 1).ok_or_else(|| {
                Failure::invalid(
                    "options.upstream must have a protocol, or be {id} of a proxy that the provider lists",
                )
            })?)
        }
        Ok(object @ Value::Object(_)) => Through::Inline(object),
        _ => Through::Inline(Value::String(text)),
    };
    let wanted = Wanted {
        through,
        rules,
        request_id,
    };
    Ok((port, wanted))
}

fn accept(text: &str) -> Outcome<Accept> {
    match text {
        "any" => Ok(Accept::Any),
        "http" => Ok(Accept::Http),
        "socks5" => Ok(Accept::Socks5),
        _ => Err(Failure::invalid(
            "options.accept must be 'any', 'http' or 'socks5'",
        )),
    }
}

fn on_rotate(text: &str) -> Outcome<OnRotate> {
    match text {
        "keep" => Ok(OnRotate::Keep),
        "drain" => Ok(OnRotate::Drain),
        "break" => Ok(OnRotate::Break),
        _ => Err(Failure::invalid(
            "options.onRotate must be 'keep', 'drain' or 'break'",
        )),
    }
}

fn auth(value: Unknown<'_>) -> Outcome<Auth> {
    let (mut username, mut password) = (String::new(), String::new());
    for (key, value) in args::options(value, "options.auth", &["username", "password"])? {
        let text = args::string(value, &format!("options.auth.{key}"))?;
        match key.as_str() {
            "username" => username = text,
            _ => password = text,
        }
    }
    Auth::new(&username, &password).map_err(|_| {
        Failure::invalid(
            "options.auth must be {username, password}: a username of 1 to 255 bytes without a colon, a \
             password of 1 to 255 bytes",
        )
    })
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
    port: Unknown<'_>,
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
    let engine = Environment::of(&env)?.runtime.started_forward();
    let ports = engine.map(|engine| engine.port_infos()).unwrap_or_default();
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
