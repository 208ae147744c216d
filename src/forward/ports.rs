//! Ports: the range, which ports are free, and their configurations.

use loopwire_runtime::{Failure, argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, throwing};

/// Sets the address template and the range of ports that may be forwarded.
///
/// `ipFormat` is `"127.0.0.1:%d"` or another address. An address that other machines can reach is refused unless
/// local ports ask for credentials (`setProxyAuth`). `startPort` is the first port, `count` the number of ports.
/// Default: `"127.0.0.1:%d"`, 60000, 100. Each change is followed by `settingPortChange` `"start:count"`. Ports
/// outside the new range are removed (`portRemoved`); ports inside it keep the address they listen on. Returns 0, or
/// 1 with the text in `sdkGetLastError()`. Throws `TypeError` for a wrong type and `RangeError` for a number that
/// cannot be a port.
///
/// @example updateIpFormatAndPorts('127.0.0.1:%d', 60000, 20);
#[napi(
    catch_unwind,
    ts_args_type = "ipFormat: string, startPort: number, count: number"
)]
pub fn update_ip_format_and_ports(
    env: Env,
    ip_format: Given<'_>,
    start_port: Given<'_>,
    count: Given<'_>,
) -> Result<i32> {
    let checked = args::string(ip_format, "ipFormat").and_then(|format| {
        let start = option::port_number(start_port, "startPort")?;
        Ok((format, start, option::port_number(count, "count")?))
    });
    let (format, start, count) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?
        .ask(|engine| engine.update_ip_format_and_ports(&format, start, count)))
}

/// Sets the range of ports that may be forwarded; the address template stays.
///
/// `startPort` is the first port and `endPort` the last one, which belongs to the range (`SetRangePort` of the C
/// interface takes a count instead). An end before the start throws `RangeError`. Events, result and other errors are
/// those of `updateIpFormatAndPorts`.
///
/// @example setRangePort(60000, 60019); // twenty ports
#[napi(catch_unwind, ts_args_type = "startPort: number, endPort: number")]
pub fn set_range_port(env: Env, start_port: Given<'_>, end_port: Given<'_>) -> Result<i32> {
    let checked = option::port_number(start_port, "startPort").and_then(|start| {
        let end = option::port_number(end_port, "endPort")?;
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

fn numbers(ports: Vec<u16>) -> Vec<u32> {
    ports.into_iter().map(u32::from).collect()
}

/// All ports of the range, in order.
///
/// Without a range the default range is set, 60000:100, and `settingPortChange` follows.
///
/// @example const ports = getPorts();
#[napi(catch_unwind)]
pub fn get_ports(env: Env) -> Result<Vec<u32>> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports()))
}

/// The first ports of the range, at most `limit`.
///
/// Throws `TypeError` or `RangeError` if `limit` is not a whole number of at least 0.
///
/// @example const [first] = getPortsWithLimit(1);
#[napi(catch_unwind, ts_args_type = "limit: number")]
pub fn get_ports_with_limit(env: Env, limit: Given<'_>) -> Result<Vec<u32>> {
    let limit = throwing(&env, option::port_limit(limit))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_with_start_limit(1, limit)))
}

/// The ports of the range from `start` on, at most `limit`.
///
/// Throws `TypeError` or `RangeError` if `start` is not a port or `limit` not a whole number of at least 0.
///
/// @example const ports = getPortsWithStartLimit(60010, 5);
#[napi(catch_unwind, ts_args_type = "start: number, limit: number")]
pub fn get_ports_with_start_limit(
    env: Env,
    start: Given<'_>,
    limit: Given<'_>,
) -> Result<Vec<u32>> {
    let checked = args::forwarded_port(start, "start")
        .and_then(|start| Ok((start, option::port_limit(limit)?)));
    let (start, limit) = throwing(&env, checked)?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_with_start_limit(start, limit)))
}

/// The free ports of the range, at most `limit`: neither forwarded nor used by another program.
///
/// Throws `TypeError` or `RangeError` if `limit` is not a whole number of at least 0.
///
/// @example const free = getPortsFreeWithLimit(10);
#[napi(catch_unwind, ts_args_type = "limit: number")]
pub fn get_ports_free_with_limit(env: Env, limit: Given<'_>) -> Result<Vec<u32>> {
    let limit = throwing(&env, option::port_limit(limit))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_free_with_limit(limit)))
}

/// The free ports among `ports`, in their order.
///
/// `ports` is a `Uint32Array` or an array of numbers; `portsLen` is how many of them are used, by default all. Throws
/// `TypeError` or `RangeError` for an invalid port.
///
/// @example const free = getPortsAvailable(Uint32Array.of(60000, 60001));
#[napi(
    catch_unwind,
    ts_args_type = "ports: Uint32Array | number[], portsLen?: number"
)]
pub fn get_ports_available(env: Env, ports: Given<'_>, ports_len: Given<'_>) -> Result<Vec<u32>> {
    let ports = throwing(&env, args::ports(ports, "ports", ports_len))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(numbers(engine.get_ports_available(&ports)))
}

/// Whether `port` is forwarded: 1 or 0.
///
/// Throws `TypeError` or `RangeError` if `port` is invalid.
///
/// @example if (isRunningPort(60000)) removePort(60000);
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn is_running_port(env: Env, port: Given<'_>) -> Result<i32> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    let runtime = &Environment::of(&env)?.runtime;
    Ok(i32::from(runtime.is_running_port(port)))
}

/// Whether `port` is free: 1 if neither Loopwire nor another program uses it, otherwise 0.
///
/// The address is that of the range. Throws `TypeError` or `RangeError` if `port` is invalid.
///
/// @example if (checkPortAvailable(60000)) await createWithId(60000, 'my-proxy');
#[napi(catch_unwind, ts_args_type = "port: number")]
pub fn check_port_available(env: Env, port: Given<'_>) -> Result<i32> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(i32::from(engine.check_port_available(port)))
}

/// The configuration and the state of a forwarded port, as JSON text.
///
/// Returns the text of an object with the SDK's keys (`proxy_id`, `plan`, `country_code`, `address`, `is_online`,
/// `city`, `public_ip`, `count_refresh`, `streams`, `bw` and others) and these: `upstream` (without a password),
/// `latency_ms`, `last_error`, `connections`. It is `{}` if the port is not forwarded. Counters are current. Call it
/// when `portStateUpdate` comes. Throws `TypeError` or `RangeError` if `port` is invalid.
///
/// @example const { is_online } = JSON.parse(getConfigJSON(60000));
#[napi(js_name = "getConfigJSON", catch_unwind, ts_args_type = "port: number")]
pub fn get_config_json(env: Env, port: Given<'_>) -> Result<String> {
    let port = throwing(&env, args::forwarded_port(port, "port"))?;
    Ok(Environment::of(&env)?.runtime.config_json(port))
}

/// The configuration and the state of all forwarded ports, as the JSON text of an array. An entry is what
/// `getConfigJSON` returns.
///
/// @example for (const { address } of JSON.parse(getConfigsJSON())) console.log(address);
#[napi(js_name = "getConfigsJSON", catch_unwind)]
pub fn get_configs_json(env: Env) -> Result<String> {
    Ok(Environment::of(&env)?.runtime.configs_json())
}

/// Sets the configuration of one port: the proxies that it may use, and whether rotation and renewal apply to it.
///
/// `json` is JSON text, as a string or a Buffer, of which the first `len` bytes are used, by default all: `{country?:
/// ["DE"], state?, city?, zip?, isp?, refresh?: boolean, rotation?: boolean}`. A `port` inside is ignored. The next
/// request for the port uses it. Returns 0, or 1 with the text in `sdkGetLastError()`. Throws `TypeError` for a wrong
/// type and `RangeError` for a bad port. No event follows.
///
/// @example putConfigPort(60000, JSON.stringify({ country: ['DE'], rotation: true }));
#[napi(
    catch_unwind,
    ts_args_type = "port: number, json: string | Uint8Array, len?: number"
)]
pub fn put_config_port(env: Env, port: Given<'_>, json: Given<'_>, len: Given<'_>) -> Result<i32> {
    let checked = args::forwarded_port(port, "port")
        .and_then(|port| Ok((port, args::json(json, "json", Some(len))?)));
    let (port, json) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| engine.put_config_port(port, &json)))
}

/// Sets the configurations of several ports.
///
/// `json` is JSON text, as a string or a Buffer, of which the first `len` bytes are used, by default all: an object
/// whose keys are ports and whose values are as for `putConfigPort`. Returns 0, or 1 with the text in
/// `sdkGetLastError()`; then no configuration was set. Throws `TypeError` for a wrong type. No event follows.
///
/// @example setConfigPorts('{"60000":{"country":["DE"]},"60001":{"country":["HK","US"]}}');
#[napi(catch_unwind, ts_args_type = "json: string | Uint8Array, len?: number")]
pub fn set_config_ports(env: Env, json: Given<'_>, len: Given<'_>) -> Result<i32> {
    let json = throwing(&env, args::json(json, "json", Some(len)))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_config_ports(&json)))
}
