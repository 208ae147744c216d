//! Ports: the range, which of them are free, and their configurations.

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Failure, Outcome, args, throwing};

/// Sets the address template and the range of ports that may be forwarded.
///
/// `ipFormat` is `"127.0.0.1:%d"` or another address; one that others can reach needs local credentials to be asked
/// for (`setProxyAuth`), or it is refused. `startPort` is the first port, `count` how many. Every effective change is
/// followed by `settingPortChange` `"start:count"`; ports that fall out of the range are removed
/// (`portRemoved`), those inside keep the address they listen on. Without a call the range is 60000:100. Returns 0,
/// or 1 with the text in `sdkGetLastError()`. Wrong types throw `TypeError`, numbers that are no port `RangeError`.
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
    let checked = args::string(ip_format, "ipFormat").and_then(|format| {
        let start = port_number(start_port, "startPort")?;
        Ok((format, start, port_number(count, "count")?))
    });
    let (format, start, count) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?
        .ask(|engine| engine.update_ip_format_and_ports(&format, start, count)))
}

/// Sets the range of ports that may be forwarded; the address template stays.
///
/// `startPort` is the first port and `endPort` the last one, itself included: the second number is the END, as
/// published for Node (`SetRangePort` of the C interface takes a count). An end before the start throws `RangeError`.
/// Events, result and errors as for `updateIpFormatAndPorts`.
///
/// @example setRangePort(60000, 60019); // twenty ports
#[napi(catch_unwind, ts_args_type = "startPort: number, endPort: number")]
pub fn set_range_port(env: Env, start_port: Unknown<'_>, end_port: Unknown<'_>) -> Result<i32> {
    let checked = port_number(start_port, "startPort").and_then(|start| {
        let end = port_number(end_port, "endPort")?;
        if end < start {
            let expected = format!(
                "the last port, {start} or more (it is the end of the range, not a count as in the C form \
                 SetRangePort(start, count))"
            );
            return Err(Failure::out_of_range(
                "endPort",
                &expected,
                &end.to_string(),
            ));
        }
        Ok((start, end - start + 1))
    });
    let (start, count) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_range_port(start, count)))
}

fn port_number(value: Unknown<'_>, name: &str) -> Outcome<u32> {
    let number = args::integer(value, name, 1..=65_535)?;
    Ok(u32::try_from(number).unwrap_or_default())
}

fn numbers(ports: Vec<u16>) -> Vec<u32> {
    ports.into_iter().map(u32::from).collect()
}

/// A limit of ports: all there are is no error.
fn limit(value: Unknown<'_>) -> Outcome<usize> {
    args::size(value, "limit", 0..=u64::from(u32::MAX))
}

/// All ports of the range, in order.
///
/// Without a range the default one is taken, 60000:100, and `settingPortChange` says so.
///
/// @example const ports = getPorts();
#[napi(catch_unwind)]
pub fn get_ports(env: Env) -> Result<Vec<u32>> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports()))
}

/// Up to `limit` ports of the range, in order.
///
/// Throws `TypeError` or `RangeError` unless `limit` is a whole number from 0.
///
/// @example const [first] = getPortsWithLimit(1);
#[napi(catch_unwind, ts_args_type = "limit: number")]
pub fn get_ports_with_limit(env: Env, limit: Unknown<'_>) -> Result<Vec<u32>> {
    let limit = throwing(&env, self::limit(limit))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_with_start_limit(1, limit)))
}

/// Up to `limit` ports of the range, in order, from `start` on.
///
/// Throws `TypeError` or `RangeError` unless `start` is a port and `limit` a whole number from 0.
///
/// @example const ports = getPortsWithStartLimit(60010, 5);
#[napi(catch_unwind, ts_args_type = "start: number, limit: number")]
pub fn get_ports_with_start_limit(
    env: Env,
    start: Unknown<'_>,
    limit: Unknown<'_>,
) -> Result<Vec<u32>> {
    let checked =
        args::forwarded_port(start, "start").and_then(|start| Ok((start, self::limit(limit)?)));
    let (start, limit) = throwing(&env, checked)?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_with_start_limit(start, limit)))
}

/// Up to `limit` ports of the range that nobody uses: not forwarded, and not taken by another program.
///
/// Throws `TypeError` or `RangeError` unless `limit` is a whole number from 0.
///
/// @example const free = getPortsFreeWithLimit(10);
#[napi(catch_unwind, ts_args_type = "limit: number")]
pub fn get_ports_free_with_limit(env: Env, limit: Unknown<'_>) -> Result<Vec<u32>> {
    let limit = throwing(&env, self::limit(limit))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_free_with_limit(limit)))
}

/// Those of `ports` that nobody uses, in their order.
///
/// `ports` is a `Uint32Array`, as published, or an array; `portsLen` says how many of them count, all by default.
/// Throws `TypeError` or `RangeError` for what is no port.
///
/// @example const free = getPortsAvailable(Uint32Array.of(60000, 60001));
#[napi(
    catch_unwind,
    ts_args_type = "ports: Uint32Array | number[], portsLen?: number"
)]
pub fn get_ports_available(
    env: Env,
    ports: Unknown<'_>,
    ports_len: Unknown<'_>,
) -> Result<Vec<u32>> {
    let ports = throwing(&env, args::ports(ports, "ports", ports_len))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_available(&ports)))
}

/// Whether a proxy runs on `port`: 1 or 0. Throws `TypeError` or `RangeError` for what is no port.
///
/// @example if (isRunningPort(60000)) removePort(60000);
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn is_running_port(env: Env, port: Unknown<'_>) -> Result<i32> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    let engine = Environment::of(&env)?.runtime.started_forward();
    Ok(engine.map_or(0, |engine| i32::from(engine.is_running_port(port))))
}

/// Whether nobody uses `port`, neither a proxy nor another program: 1 free, 0 busy.
///
/// It is asked at the address of the range. Throws `TypeError` or `RangeError` for what is no port.
///
/// @example if (checkPortAvailable(60000)) await createWithId(60000, 'my-proxy');
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn check_port_available(env: Env, port: Unknown<'_>) -> Result<i32> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(i32::from(engine.check_port_available(port)))
}

/// The configuration and state of a forwarded port, as JSON text.
///
/// Returns the text of an object with the published keys (`proxy_id`, `plan`, `country_code`, `address`,
/// `is_online`, `city`, `public_ip`, `count_refresh`, `streams`, `bw`, …) and ours: `upstream` (never a password),
/// `latency_ms`, `last_error`, `connections`; `{}` for a port that is not forwarded. Counters are live. To be
/// called when `portStateUpdate` comes (seed 000). Throws `TypeError` or `RangeError` for what is no port.
///
/// @example const { is_online } = JSON.parse(getConfigJSON(60000));
#[napi(js_name = "getConfigJSON", catch_unwind, ts_args_type = "port: number")]
pub fn get_config_json(env: Env, port: Unknown<'_>) -> Result<String> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    let engine = Environment::of(&env)?.runtime.started_forward();
    Ok(engine.map_or_else(|| "{}".to_owned(), |engine| engine.get_config_json(port)))
}

/// The configurations of all forwarded ports, as the JSON text of an array of what `getConfigJSON` gives.
///
/// @example for (const { address } of JSON.parse(getConfigsJSON())) console.log(address);
#[napi(js_name = "getConfigsJSON", catch_unwind)]
pub fn get_configs_json(env: Env) -> Result<String> {
    let engine = Environment::of(&env)?.runtime.started_forward();
    Ok(engine.map_or_else(|| "[]".to_owned(), |engine| engine.get_configs_json()))
}

/// Sets one port's configuration: which proxies it takes, and whether rotation and renewal apply to it.
///
/// `json` is JSON text or a Buffer of it, of which `len` bytes count: `{country?: ["DE"], state?, city?, zip?, isp?,
/// refresh?: boolean, rotation?: boolean}`; `port` may be in it, but the argument wins. It counts from the next
/// request for the port on. Returns 0, or 1 with the text in `sdkGetLastError()`. Wrong types throw `TypeError`, a bad
/// port `RangeError`. No event follows.
///
/// @example putConfigPort(60000, JSON.stringify({ country: ['DE'], rotation: true }));
#[napi(
    catch_unwind,
    ts_args_type = "port: number, json: string | Uint8Array, len?: number"
)]
pub fn put_config_port(
    env: Env,
    port: Unknown<'_>,
    json: Unknown<'_>,
    len: Unknown<'_>,
) -> Result<i32> {
    let checked = args::forwarded_port(port, "port")
        .and_then(|port| Ok((port, args::json(json, "json", Some(len))?)));
    let (port, json) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| engine.put_config_port(port, &json)))
}

/// Sets the configurations of many ports at once.
///
/// `json` is JSON text or a Buffer of it, of which `len` bytes count: an object keyed by the port's text, with values as
/// for `putConfigPort`; the key wins over a `port` inside. Returns 0, or 1 with the text in `sdkGetLastError()`; then
/// none was set. Wrong types throw `TypeError`. No event follows.
///
/// @example setConfigPorts('{"60000":{"country":["DE"]},"60001":{"country":["HK","US"]}}');
#[napi(catch_unwind, ts_args_type = "json: string | Uint8Array, len?: number")]
pub fn set_config_ports(env: Env, json: Unknown<'_>, len: Unknown<'_>) -> Result<i32> {
    let json = throwing(&env, args::json(json, "json", Some(len)))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_config_ports(&json)))
}
