//! The five functions that forward ports, and the two that stop it: the SDK page's names and results.

use loopwire_runtime::ForwardError;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Answer, Class, Environment, Failure, args, throwing};

/// A Promise that never rejects: what failed is the last error, and the result is that of `None`.
pub(crate) fn settled<'env, T, R, F>(
    env: &'env Env,
    future: F,
    result: impl FnOnce(Option<T>) -> R + Clone + Send + 'static,
) -> Result<Object<'env>>
where
    T: Send + 'static,
    R: ToNapiValue + 'static,
    F: Future<Output = std::result::Result<T, ForwardError>> + Send + 'static,
{
    let environment = Environment::of(env)?;
    // The last error belongs to the environment, so it is settled on its thread.
    let settle = |outcome: std::result::Result<T, Failure>, result: _| {
        move |env: Env| {
            let environment = Environment::of(&env)?;
            let value = match outcome {
                Ok(value) => Some(value),
                Err(failure) => {
                    environment.settle(Err(failure));
                    None
                }
            };
            let result: Box<dyn FnOnce(Option<T>) -> R + Send> = result;
            Ok(result(value))
        }
    };
    let over = Failure::new(Class::Error, "ERR_SHUT_DOWN", "shut down meanwhile");
    let (answer, promise) = Answer::promise(env, settle(Err(over), Box::new(result.clone())))?;
    environment.runtime.spawn(async move {
        let outcome = future.await.map_err(Failure::from);
        answer.give(settle(outcome, Box::new(result)));
    });
    Ok(promise)
}

/// 0 or 1.
fn number<T>(value: Option<T>) -> i32 {
    i32::from(value.is_none())
}

/// The ports, or none.
fn list(ports: Option<Vec<u16>>) -> Vec<u32> {
    ports
        .unwrap_or_default()
        .into_iter()
        .map(u32::from)
        .collect()
}

/// Forwards the proxy `proxyId` of the provider on the local port `port`.
///
/// The local port speaks HTTP proxy (CONNECT and absolute-form) and SOCKS5. `port` is a port of the range (see
/// `updateIpFormatAndPorts`; 60000 to 60099 by default). `proxyId` is the request id in events. `plan` (`"1"`)
/// and `actionType` (`"manual"`) are kept and go to an HTTP provider. A port that is forwarded already changes its
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
    let checked = args::forwarded_port(port, "port").and_then(|port| {
        let id = args::string(proxy_id, "proxyId")?;
        let plan = args::string_or(plan, "plan", "1")?;
        let action = args::string_or(action_type, "actionType", "manual")?;
        Ok((port, id, plan, action))
    });
    let (port, id, plan, action) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    settled(
        env,
        engine.create_with_id(port, &id, &plan, &action),
        number,
    )
}

/// Forwards each of `ports` that has a configuration (`putConfigPort`, `setConfigPorts`) through a proxy that
/// matches it; ports without one are skipped.
///
/// `requestId` is the request's id in events, `plan` goes to the provider. `ports` is a `Uint32Array`, as published,
/// or an array; `n` says how many of them count, all by default. A pick tries further candidates, once each, until one
/// handshakes; a proxy may serve several ports, unused ones first.
///
/// Resolves to the ports that were forwarded, in the order of `ports`; empty on failure, with the text in
/// `sdkGetLastError()`. One event ends the request: `forwardListCompleted` if a port was forwarded or all were
/// skipped, else `proxyError` with the first port's reason. Never rejects; wrong types throw `TypeError`, a bad port
/// or `n` `RangeError`, at once.
///
/// @example const ports = await createProxyByPortConfigs('request 1', '1', Uint32Array.of(60000, 60001));
#[napi(
    catch_unwind,
    ts_args_type = "requestId: string, plan: string | undefined, ports: Uint32Array | number[], n?: number",
    ts_return_type = "Promise<Array<number>>"
)]
pub fn create_proxy_by_port_configs<'env>(
    env: &'env Env,
    request_id: Unknown<'_>,
    plan: Unknown<'_>,
    ports: Unknown<'_>,
    n: Unknown<'_>,
) -> Result<Object<'env>> {
    let checked = args::string(request_id, "requestId").and_then(|id| {
        let plan = args::string_or(plan, "plan", "1")?;
        Ok((id, plan, args::ports(ports, "ports", n)?))
    });
    let (id, plan, ports) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    settled(
        env,
        engine.create_proxy_by_port_configs(&id, &plan, &ports),
        list,
    )
}

/// Forwards `ports`, each through a proxy that matches its configuration, or through any if it has none.
///
/// As `createProxyByPortConfigs`, but no port is skipped for want of a configuration. With `onlyFree` 1 ports that
/// are not free (forwarded already, or taken by another program) are skipped; with 0, the default, all are tried.
///
/// @example const ports = await quickCreateProxies('request 2', '1', Uint32Array.of(60000, 60001), 2, 1);
#[napi(
    catch_unwind,
    ts_args_type = "requestId: string, plan: string | undefined, ports: Uint32Array | number[], n?: number, onlyFree?: number",
    ts_return_type = "Promise<Array<number>>"
)]
pub fn quick_create_proxies<'env>(
    env: &'env Env,
    request_id: Unknown<'_>,
    plan: Unknown<'_>,
    ports: Unknown<'_>,
    n: Unknown<'_>,
    only_free: Unknown<'_>,
) -> Result<Object<'env>> {
    let checked = args::string(request_id, "requestId").and_then(|id| {
        let plan = args::string_or(plan, "plan", "1")?;
        let ports = args::ports(ports, "ports", n)?;
        let only_free = !args::is_missing(&only_free) && args::switch(only_free, "onlyFree")?;
        Ok((id, plan, ports, only_free))
    });
    let (id, plan, ports, only_free) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    settled(
        env,
        engine.quick_create_proxies(&id, &plan, &ports, only_free),
        list,
    )
}

/// Forwards one port through a proxy that matches its configuration, or through any if it has none.
///
/// Resolves to 0, or to 1 with the text in `sdkGetLastError()`; events as for `createWithId`, with `requestId` as
/// their id. Never rejects; wrong types throw `TypeError`, a bad port `RangeError`, at once.
///
/// @example const rc = await quickCreateAtPort(60000, 'request 3');
#[napi(
    catch_unwind,
    ts_args_type = "port: number, requestId: string, plan?: string",
    ts_return_type = "Promise<number>"
)]
pub fn quick_create_at_port<'env>(
    env: &'env Env,
    port: Unknown<'_>,
    request_id: Unknown<'_>,
    plan: Unknown<'_>,
) -> Result<Object<'env>> {
    let checked = args::forwarded_port(port, "port").and_then(|port| {
        let id = args::string(request_id, "requestId")?;
        Ok((port, id, args::string_or(plan, "plan", "1")?))
    });
    let (port, id, plan) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    settled(env, engine.quick_create_at_port(port, &id, &plan), number)
}

/// Forwards `ports`, each through a proxy that matches a filter.
///
/// `filterJson` is JSON text or a Buffer of it: `{plan?, country?, state?, city?, zip?, isp?, list_type: -1, action?}`;
/// what is left out may be anything. JSON that is none resolves to an empty array with the text in
/// `sdkGetLastError()`, and no event. All else as for `createProxyByPortConfigs`.
///
/// @example await createWithConfigure('request 4', [60000], 1, '{"country":"DE","list_type":-1}');
#[napi(
    catch_unwind,
    ts_args_type = "requestId: string, ports: Uint32Array | number[], n: number | undefined, filterJson: string | Uint8Array",
    ts_return_type = "Promise<Array<number>>"
)]
pub fn create_with_configure<'env>(
    env: &'env Env,
    request_id: Unknown<'_>,
    ports: Unknown<'_>,
    n: Unknown<'_>,
    filter_json: Unknown<'_>,
) -> Result<Object<'env>> {
    let checked = args::string(request_id, "requestId").and_then(|id| {
        let ports = args::ports(ports, "ports", n)?;
        Ok((id, ports, args::json(filter_json, "filterJson", None)?))
    });
    let (id, ports, filter) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    match engine.create_with_configure(&id, &ports, &filter) {
        Ok(creating) => settled(env, creating, list),
        Err(error) => settled(env, std::future::ready(Err(error)), list),
    }
}

/// Stops forwarding on `port` and ends its connections.
///
/// Posts and returns 0; one `portStateUpdate` follows if the port was forwarded. The port is forgotten:
/// `restoreData` does not bring it back. Throws `TypeError` or `RangeError` for what is no port.
///
/// @example removePort(60000);
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn remove_port(env: Env, port: Unknown<'_>) -> Result<i32> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    if let Some(engine) = Environment::of(&env)?.runtime.started_forward() {
        engine.remove_port(port);
    }
    Ok(0)
}

/// Stops forwarding on all ports. The saved ones stay saved: `restoreData` brings them back.
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

/// Tests a forwarded port through the whole path: the handshake with its upstream, and the probe target if one is
/// set (`configure({ probe })`, `forward({ probe })`).
///
/// Resolves to 1 if it works, else to 0; what it finds is the port's state from then on (`portStateUpdate` if that
/// changes). Never rejects; throws `TypeError` or `RangeError` for what is no port.
///
/// @example if ((await testPort(60000)) === 1) console.log('online');
#[napi(
    catch_unwind,
    ts_args_type = "port: number",
    ts_return_type = "Promise<number>"
)]
pub fn test_port<'env>(env: &'env Env, port: Unknown<'_>) -> Result<Object<'env>> {
    let port = throwing(env, args::forwarded_port(port, "port"))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    let testing = engine.test_port(port);
    settled(env, async move { Ok(testing.await) }, |works| {
        i32::from(works == Some(true))
    })
}
