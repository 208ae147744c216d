//! The typed calls of the forward engine, for new code.

use std::ffi::{c_char, c_int};

use loopwire_runtime::{Outcome, argument as args, option};
use serde_json::Value;

use super::shapes;
use super::told::told;
use crate::boundary::{Given, LoopwireResult, json};
use crate::runtime::LoopwireRuntime;

/// Hands out the JSON that `make` makes.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
unsafe fn report(
    runtime: *const LoopwireRuntime,
    out: *mut *mut c_char,
    make: impl FnOnce(&LoopwireRuntime) -> Outcome<Value>,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { told(runtime, out, |runtime| Ok(make(runtime)?.to_string())) }
}

/// Forwards a local port to an upstream, and waits for it.
///
/// `options` is JSON text: `{port, upstream, accept?: "any" | "http" | "socks5", probe?: {host, port} | null, onRotate?:
/// "keep" | "drain" | "break", rotateOnError?: boolean, auth?: {username, password}, requestId?}`. `port` is 1 to 65535.
/// `upstream` is a URL (`"socks5://user:password@host:1080"`, `"http://…"`, `"https://…"`, `"direct:"`), an object
/// `{protocol, host, port, username?, password?, ca?}`, or `{id}` of a proxy that the provider lists. docs/api.md, `forward`,
/// says what each does.
///
/// `out` receives the JSON text of `{port, address, proxyId, upstream, latencyMs}`; give it back with `loopwire_free`. It
/// fails with the code `req_proxy_config_error` as `proxyError` has it; the port is then not forwarded.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `options` is NULL or ends with a NUL; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward(
    runtime: *const LoopwireRuntime,
    options: *const c_char,
    out: *mut *mut c_char,
) -> LoopwireResult {
    let make = |runtime: &LoopwireRuntime| {
        // SAFETY: as the caller has promised.
        let options = unsafe { json(options, "options") }?;
        let upstream = options.as_ref().and_then(|options| options.get("upstream"));
        // An object goes in as JSON text, as from JavaScript.
        let object = upstream.filter(|upstream| upstream.is_object());
        let object = object.map(Value::to_string);
        let upstream = match &object {
            Some(text) => Given::Text(text),
            None => Given::options(upstream),
        };
        let (port, wanted) = option::forward(Given::required(options.as_ref()), upstream)?;
        let engine = runtime.forward()?;
        let forwarded = runtime.wait_forward(engine.forward(port, wanted)?)?;
        Ok(shapes::forwarded(&forwarded))
    };
    // SAFETY: as the caller has promised.
    unsafe { report(runtime, out, make) }
}

/// Gives `port` another proxy that matches the same filter, and waits for it.
///
/// `port` is 1 to 65535. `portStateUpdate` was published when it returns. The option `onRotate` of `loopwire_forward` decides
/// what happens to open connections; without it they continue with the old upstream. It fails with the code
/// `ERR_PORT_NOT_FORWARDED`, or with `req_proxy_config_error`; the old upstream then stays.
///
/// `out` receives the JSON text of `{port, address, proxyId, upstream, latencyMs}`; give it back with `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_rotate(
    runtime: *const LoopwireRuntime,
    port: c_int,
    out: *mut *mut c_char,
) -> LoopwireResult {
    let make = |runtime: &LoopwireRuntime| {
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        let rotating = runtime.forward()?.rotate(port);
        Ok(shapes::forwarded(&runtime.wait_forward(rotating)?))
    };
    // SAFETY: as the caller has promised.
    unsafe { report(runtime, out, make) }
}

/// The forwarded ports, sorted by port, with their current counters.
///
/// `out` receives the JSON text of an array of `{port, address, proxyId, upstream, online, latencyMs, lastError?,
/// countryCode, city, publicIp, refreshes, connections, streams, bytesUp, bytesDown}`; give it back with `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_ports(
    runtime: *const LoopwireRuntime,
    out: *mut *mut c_char,
) -> LoopwireResult {
    let make = |runtime: &LoopwireRuntime| {
        let ports = runtime.get()?.port_infos();
        Ok(ports.iter().map(shapes::port).collect())
    };
    // SAFETY: as the caller has promised.
    unsafe { report(runtime, out, make) }
}

/// The current counters of the forward engine.
///
/// `out` receives the JSON text of `{ports, online, connections, streams, bytesUp, bytesDown, droppedLogs, protocol,
/// upstreams: [{proxyId, upstream, ports, cooling, connections, streams, bytesUp, bytesDown}]}`; give it back with
/// `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_stats(
    runtime: *const LoopwireRuntime,
    out: *mut *mut c_char,
) -> LoopwireResult {
    let make = |runtime: &LoopwireRuntime| Ok(shapes::stats(&runtime.forward()?.stats()));
    // SAFETY: as the caller has promised.
    unsafe { report(runtime, out, make) }
}
