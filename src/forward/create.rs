//! The five functions that forward ports, and the two that stop it, with the names and results of the SDK's page.

use loopwire_runtime::{Failure, ForwardError, argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Answer, Environment, Given, NativeCancel, throwing};

/// A Promise that never rejects: on an error it keeps the text as the last error and resolves to the result of
/// `None`.
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
    let over = Err(Failure::shut_down());
    let (answer, promise) = Answer::promise(env, settle(over, Box::new(result.clone())))?;
    environment.runtime.spawn(async move {
        // There is only a text, so the reason stands in it.
        let outcome = future.await.map_err(|error| Failure::told(&error));
        answer.give(settle(outcome, Box::new(result)));
    });
    Ok(promise)
}

/// 0 or 1.
fn number<T>(value: Option<T>) -> i32 {
    i32::from(value.is_none())
}

/// The ports, or an empty list.
fn list(ports: Option<Vec<u16>>) -> Vec<u32> {
    ports
        .unwrap_or_default()
        .into_iter()
        .map(u32::from)
        .collect()
}

/// Forwards the local port `port` to the proxy with the id `proxyId` of the provider.
///
/// The local port speaks HTTP proxy (CONNECT and absolute-form requests) and SOCKS5. `port` is a port of the range
/// (see `updateIpFormatAndPorts`; default range: 60000 to 60099). `proxyId` is also the request's id in events.
/// `plan` (default `"1"`) and `actionType` (default `"manual"`) are stored and sent to an HTTP provider. A port that
/// is forwarded already changes its upstream.
///
/// Resolves to 0 after the handshake with the upstream succeeded and, with `setSaveDataPath`, the port is on the disk;
/// `portStateUpdate` and `forwardListCompleted` were published before. Otherwise it resolves to 1 after `proxyError`
/// `"<proxyId>:<code>@<detail>"`, the port is not forwarded, and the text is in `sdkGetLastError()`, which ends with the
/// cause: what the system or the TLS library said (`connect ECONNREFUSED 127.0.0.1:9`). Never rejects. Throws `TypeError`
/// for a wrong type and `RangeError` for a bad port or an id of more than 1024 characters, at once.
///
/// As the SDK's functions it takes no `signal`: it ends by itself after `connectTimeoutMs` and `handshakeTimeoutMs`, and
/// `removePort` ends it earlier. `forward` takes one.
///
/// If the disk is full, the detail is `not saved`, and what was forwarded on the port before goes on.
///
/// @example const rc = await createWithId(60000, 'my-proxy');
#[napi(
    catch_unwind,
    ts_args_type = "port: number, proxyId: string, plan?: string, actionType?: string",
    ts_return_type = "Promise<number>"
)]
pub fn create_with_id<'env>(
    env: &'env Env,
    port: Given<'_>,
    proxy_id: Given<'_>,
    plan: Given<'_>,
    action_type: Given<'_>,
) -> Result<Object<'env>> {
    let checked = args::forwarded_port(port, "port").and_then(|port| {
        let id = args::id(proxy_id, "proxyId")?;
        let plan = option::plan(plan)?;
        let action = option::action_type(action_type)?;
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

/// Forwards each of `ports` that has a configuration (`putConfigPort`, `setConfigPorts`) through a proxy that matches
/// it. Ports without a configuration are skipped.
///
/// `requestId` is the request's id in events. `plan` (default `"1"`) is sent to the provider. `ports` is a
/// `Uint32Array` or an array of numbers; `n` is how many of them are used, by default all. If a proxy fails its
/// handshake, others that match are tried, each once. One proxy may serve several ports; proxies that serve none are
/// taken first.
///
/// Resolves to the ports that are forwarded, in the order of `ports`; on failure to an empty array, with the text and the
/// cause of the first port in `sdkGetLastError()`. One event ends the request: `forwardListCompleted` if a port was
/// forwarded or all were skipped, otherwise `proxyError` with the reason of the first port. Never rejects, and takes no
/// `signal`: see `createWithId`. Throws `TypeError` for a wrong type and `RangeError` for a bad port or `n`, at once.
///
/// @example const ports = await createProxyByPortConfigs('request 1', '1', Uint32Array.of(60000, 60001));
#[napi(
    catch_unwind,
    ts_args_type = "requestId: string, plan: string | undefined, ports: Uint32Array | number[], n?: number",
    ts_return_type = "Promise<Array<number>>"
)]
pub fn create_proxy_by_port_configs<'env>(
    env: &'env Env,
    request_id: Given<'_>,
    plan: Given<'_>,
    ports: Given<'_>,
    n: Given<'_>,
) -> Result<Object<'env>> {
    let checked = args::id(request_id, "requestId").and_then(|id| {
        let plan = option::plan(plan)?;
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

/// Forwards `ports`, each through a proxy that matches its configuration, or through any proxy if it has none.
///
/// As `createProxyByPortConfigs`, but no port is skipped because it has no configuration. With `onlyFree` 1, ports
/// that are not free (forwarded already, or used by another program) are skipped; with 0, the default, all are tried.
/// Takes no `signal`: see `createWithId`.
///
/// @example const ports = await quickCreateProxies('request 2', '1', Uint32Array.of(60000, 60001), 2, 1);
#[napi(
    catch_unwind,
    ts_args_type = "requestId: string, plan: string | undefined, ports: Uint32Array | number[], n?: number, onlyFree?: number",
    ts_return_type = "Promise<Array<number>>"
)]
pub fn quick_create_proxies<'env>(
    env: &'env Env,
    request_id: Given<'_>,
    plan: Given<'_>,
    ports: Given<'_>,
    n: Given<'_>,
    only_free: Given<'_>,
) -> Result<Object<'env>> {
    let checked = args::id(request_id, "requestId").and_then(|id| {
        let plan = option::plan(plan)?;
        let ports = args::ports(ports, "ports", n)?;
        let only_free = option::only_free(only_free)?;
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

/// Forwards one port through a proxy that matches its configuration, or through any proxy if it has none.
///
/// `requestId` is the request's id in events, `plan` (default `"1"`) is sent to the provider. Resolves to 0, or to 1
/// with the text and its cause in `sdkGetLastError()`. Events are those of `createWithId`. Never rejects, and takes no
/// `signal`: see `createWithId`. Throws `TypeError` for a wrong type and `RangeError` for a bad port, at once.
///
/// @example const rc = await quickCreateAtPort(60000, 'request 3');
#[napi(
    catch_unwind,
    ts_args_type = "port: number, requestId: string, plan?: string",
    ts_return_type = "Promise<number>"
)]
pub fn quick_create_at_port<'env>(
    env: &'env Env,
    port: Given<'_>,
    request_id: Given<'_>,
    plan: Given<'_>,
) -> Result<Object<'env>> {
    let checked = args::forwarded_port(port, "port").and_then(|port| {
        let id = args::id(request_id, "requestId")?;
        Ok((port, id, option::plan(plan)?))
    });
    let (port, id, plan) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    settled(env, engine.quick_create_at_port(port, &id, &plan), number)
}

/// Forwards `ports`, each through a proxy that matches a filter.
///
/// `filterJson` is JSON text, as a string or a Buffer: `{plan?, country?, state?, city?, zip?, isp?, list_type: -1,
/// action?}`. A key that is left out matches everything. A filter that cannot be used, such as invalid JSON, resolves to
/// an empty array with the text in `sdkGetLastError()`, after `proxyError` `"<requestId>:<code>@filter invalid"`. Everything
/// else is as for `createProxyByPortConfigs`.
///
/// @example await createWithConfigure('request 4', [60000], 1, '{"country":"DE","list_type":-1}');
#[napi(
    catch_unwind,
    ts_args_type = "requestId: string, ports: Uint32Array | number[], n: number | undefined, filterJson: string | Uint8Array",
    ts_return_type = "Promise<Array<number>>"
)]
pub fn create_with_configure<'env>(
    env: &'env Env,
    request_id: Given<'_>,
    ports: Given<'_>,
    n: Given<'_>,
    filter_json: Given<'_>,
) -> Result<Object<'env>> {
    let checked = args::id(request_id, "requestId").and_then(|id| {
        let ports = args::ports(ports, "ports", n)?;
        Ok((id, ports, args::json(filter_json, "filterJson", None)?))
    });
    let (id, ports, filter) = throwing(env, checked)?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    settled(
        env,
        engine.create_with_configure(&id, &ports, &filter),
        list,
    )
}

/// Stops forwarding `port` and closes its connections.
///
/// Returns 0 at once; one `portStateUpdate` follows if the port was forwarded. The port is also deleted from the
/// saved data: `restoreData` does not bring it back. Throws `TypeError` or `RangeError` if `port` is invalid.
///
/// @example removePort(60000);
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn remove_port(env: Env, port: Given<'_>) -> Result<i32> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    Environment::of(&env)?.runtime.remove_port(port);
    Ok(0)
}

/// Stops forwarding all ports. The saved data stays: `restoreData` brings them back.
///
/// Takes nothing and returns 0 at once; one `portStateUpdate` for each port follows.
///
/// @example stopProxy();
#[napi(catch_unwind)]
pub fn stop_proxy(env: Env) -> Result<i32> {
    Environment::of(&env)?.runtime.stop_proxy();
    Ok(0)
}

/// Tests a forwarded port over the whole path: the handshake with its upstream, and the probe target if one is set
/// (`configure({ probe })`, `forward({ probe })`).
///
/// Resolves to 1 if it works, otherwise to 0. The result becomes the state of the port; `portStateUpdate` follows if
/// that changes. It ends by itself after `connectTimeoutMs` and `handshakeTimeoutMs`. If `signal` is aborted, it ends at
/// once and rejects with an `AbortError`, and the state stays; otherwise it never rejects. Throws `TypeError` or
/// `RangeError` if `port` or `options` is invalid.
///
/// @example if ((await testPort(60000)) === 1) console.log('online');
#[napi(
    catch_unwind,
    ts_args_type = "port: number, options?: { signal?: AbortSignal }",
    ts_return_type = "Promise<number>"
)]
pub fn test_port<'env>(
    env: &'env Env,
    port: Given<'_>,
    cancel: Option<&NativeCancel>,
) -> Result<Object<'env>> {
    let port = throwing(env, args::forwarded_port(port, "port"))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    let testing = engine.test_port(port);
    let cancel = cancel.map(NativeCancel::token).unwrap_or_default();
    let testing = async move { Ok(cancel.run_until_cancelled(testing).await == Some(true)) };
    settled(env, testing, |works| i32::from(works == Some(true)))
}
