//! The flat functions of the forward engine, under the names that the SDK page gives them.

use loopwire_channel::Ring;
use loopwire_runtime::{Engine, ForwardError};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::args;
use crate::doorbell::Doorbell;
use crate::environment::Environment;
use crate::errors::{Class, Failure, Outcome, throwing};
use crate::promise::Answer;

impl From<ForwardError> for Failure {
    fn from(error: ForwardError) -> Self {
        Self::new(Class::Error, error.code(), error.to_string())
    }
}

impl Environment {
    /// The forward engine. It starts lazily: without `runAsync()`, too.
    fn forward(&self) -> Outcome<Engine> {
        self.runtime.forward().map_err(Failure::from)
    }
}

/// Has `bell` called when forwarded ports begin or cease to keep the process alive.
#[napi(catch_unwind, skip_typescript)]
pub fn on_liveness(env: Env, bell: Function<'_, (), ()>) -> Result<()> {
    let bell = Doorbell::bare(&bell)?;
    Environment::of(&env)?
        .runtime
        .on_liveness(move || bell.ring(1));
    Ok(())
}

/// Whether forwarded ports keep the process alive.
#[napi(catch_unwind, skip_typescript)]
pub fn is_forwarding(env: Env) -> Result<bool> {
    Ok(Environment::of(&env)?.runtime.is_forwarding())
}

/// Starts the forward engine on threads of its own and returns at once.
///
/// Not needed: the engine starts with the first function that wants it. It is here because programs for
/// the SDK call it (seed 000, "How to start"). Forwarded ports, not the engine, keep the process alive.
///
/// @example runAsync();
#[napi(catch_unwind)]
pub fn run_async(env: Env) -> Result<()> {
    throwing(&env, Environment::of(&env)?.forward()).map(drop)
}

/// Switches `log` events on: `{"type":"log","payload":"…"}` tells what the engine does.
///
/// They never carry a password, and they are the only events that may be dropped when a callback is far
/// behind. `emit('log', …)` needs no `enableDebug()`.
///
/// @example enableDebug();
#[napi(catch_unwind)]
pub fn enable_debug(env: Env) -> Result<()> {
    throwing(&env, Environment::of(&env)?.forward())?.enable_debug();
    Ok(())
}

/// Sets the provider: where upstream proxies come from.
///
/// `url` is a `file:///` URL of a JSON list of `{id, protocol: "http" | "socks5" | "direct", host, port,
/// username?, password?, country_code?, city?, public_ip?}`. It is read at each request, so an edited list
/// takes effect. Returns 0, or 1 for a URL that is none or of another scheme; the text is then in
/// `sdkGetLastError()`. Throws `TypeError` unless it is a string.
///
/// @example setAPIHost('file:///etc/proxies.json');
#[napi(js_name = "setAPIHost", catch_unwind, ts_args_type = "url: string")]
pub fn set_api_host(env: Env, url: Unknown<'_>) -> Result<i32> {
    let environment = Environment::of(&env)?;
    let url = throwing(&env, args::string(url, "url"))?;
    let set = environment
        .forward()
        .and_then(|engine| Ok(engine.set_api_host(&url)?));
    Ok(environment.settle(set))
}

/// Forwards the proxy `proxyId` of the provider on the local port `port`.
///
/// The local port speaks HTTP proxy (CONNECT and absolute-form) and SOCKS5. `port` is a port of the range (see
/// `updateIpFormatAndPorts`; 60000 to 60099 by default). `proxyId` is the request id in events. `plan` (`"1"`)
/// and `actionType` (`"manual"`) are kept for the provider. A port that is forwarded already changes its
/// upstream.
///
/// Resolves to 0 after the upstream handshake succeeded: `portStateUpdate` and `forwardListCompleted` were
/// published. Otherwise resolves to 1 after `proxyError` `"<proxyId>:<code>@<detail>"`, the port is not
/// kept, and `sdkGetLastError()` has the text. Never rejects; wrong types throw `TypeError`, a bad port
/// `RangeError`, at once.
///
/// @example const rc = await createWithId(60000, 'my-proxy');
#[napi(
    catch_unwind,
    ts_args_type = "port: number, proxyId: string, plan?: string, actionType?: string",
    ts_return_type = "Promise<number>"
)]
pub fn create_with_id<'env>(
    env: &'env Env,
    port: Unknown<'_>,
    proxy_id: Unknown<'_>,
    plan: Unknown<'_>,
    action_type: Unknown<'_>,
) -> Result<Object<'env>> {
    let environment = Environment::of(env)?;
    let checked = forwarded_port(port).and_then(|port| {
        let id = args::string(proxy_id, "proxyId")?;
        let plan = text_or(plan, "plan", "1")?;
        Ok((
            port,
            id,
            plan,
            text_or(action_type, "actionType", "manual")?,
        ))
    });
    let (port, id, plan, action) = throwing(env, checked)?;
    let engine = throwing(env, environment.forward())?;
    // The last error belongs to the environment, so it is settled on its thread.
    let settled = |outcome| move |env: Env| Ok(Environment::of(&env)?.settle(outcome));
    let over = Failure::new(Class::Error, "ERR_SHUT_DOWN", "shut down meanwhile");
    let (answer, promise) = Answer::promise(env, settled(Err(over)))?;
    let created = engine.create_with_id(port, &id, &plan, &action);
    environment.runtime.spawn(async move {
        let created = created.await.map_err(Failure::from);
        answer.give(settled(created));
    });
    Ok(promise)
}

/// Stops forwarding on `port` and ends its connections.
///
/// Posts and returns 0; one `portStateUpdate` follows if the port was forwarded. The port is forgotten:
/// `restoreData` does not bring it back. Throws `TypeError` or `RangeError` for what is no port.
///
/// @example removePort(60000);
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn remove_port(env: Env, port: Unknown<'_>) -> Result<i32> {
    let port = throwing(&env, forwarded_port(port))?;
    if let Some(engine) = Environment::of(&env)?.runtime.started_forward() {
        engine.remove_port(port);
    }
    Ok(0)
}

/// Stops forwarding on all ports.
///
/// Posts and returns 0; one `portStateUpdate` for each port follows.
///
/// @example stopProxy();
#[napi(catch_unwind)]
pub fn stop_proxy(env: Env) -> Result<i32> {
    if let Some(engine) = Environment::of(&env)?.runtime.started_forward() {
        engine.stop_proxy();
    }
    Ok(0)
}

/// The configuration and state of a forwarded port, as JSON text.
///
/// Returns the text of an object with the published keys (`proxy_id`, `plan`, `country_code`, `address`,
/// `is_online`, `city`, `public_ip`, `streams`, `bw`, …) and ours: `upstream` (never a password),
/// `latency_ms`, `last_error`, `connections`; `{}` for a port that is not forwarded. Counters are live. To be
/// called when `portStateUpdate` comes (seed 000). Throws `TypeError` or `RangeError` for what is no port.
///
/// @example const { is_online } = JSON.parse(getConfigJSON(60000));
#[napi(js_name = "getConfigJSON", catch_unwind, ts_args_type = "port: number")]
pub fn get_config_json(env: Env, port: Unknown<'_>) -> Result<String> {
    let port = throwing(&env, forwarded_port(port))?;
    let engine = Environment::of(&env)?.runtime.started_forward();
    Ok(engine.map_or_else(|| "{}".to_owned(), |engine| engine.get_config_json(port)))
}

/// Sets the address template and the range of ports that may be forwarded.
///
/// `ipFormat` is `"127.0.0.1:%d"` or another loopback address (others need local proxy credentials and are
/// refused until those can be set), `startPort` the first port, `count` how many. Every effective change is
/// followed by `settingPortChange` `"start:count"`; ports that fall out of the range are removed
/// (`portRemoved`). Without a call the range is 60000:100. Returns 0, or 1 with the text in
/// `sdkGetLastError()`. Wrong types throw `TypeError`.
///
/// @example updateIpFormatAndPorts('127.0.0.1:%d', 60000, 20);
#[napi(
    catch_unwind,
    ts_args_type = "ipFormat: string, startPort: number, count: number"
)]
pub fn update_ip_format_and_ports(
    env: Env,
    ip_format: Unknown<'_>,
    start_port: Unknown<'_>,
    count: Unknown<'_>,
) -> Result<i32> {
    let environment = Environment::of(&env)?;
    let checked = args::string(ip_format, "ipFormat").and_then(|format| {
        let start = args::integer(start_port, "startPort", 1..=65_535)?;
        Ok((format, start, args::integer(count, "count", 1..=65_535)?))
    });
    let (format, start, count) = throwing(&env, checked)?;
    let narrow = |number| u32::try_from(number).unwrap_or(u32::MAX);
    let set = environment.forward().and_then(|engine| {
        Ok(engine.update_ip_format_and_ports(&format, narrow(start), narrow(count))?)
    });
    Ok(environment.settle(set))
}

/// A port that can be forwarded: 0 would be any, and nobody could tell the client which.
fn forwarded_port(port: Unknown<'_>) -> Outcome<u16> {
    match args::port(port, "port")? {
        0 => Err(Failure::new(
            Class::Range,
            "ERR_SOCKET_BAD_PORT",
            "port must be from 1 to 65535, not 0",
        )),
        port => Ok(port),
    }
}

fn text_or(value: Unknown<'_>, name: &str, default: &str) -> Outcome<String> {
    if args::is_missing(&value) {
        Ok(default.to_owned())
    } else {
        args::string(value, name)
    }
}
