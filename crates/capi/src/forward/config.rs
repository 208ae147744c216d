//! What is known of forwarded ports, and the configurations of ports, as the SDK's page has them: JSON.

use std::ffi::{c_char, c_int};

use loopwire_runtime::argument as args;

use super::told::told;
use crate::boundary::{Given, LoopwireResult, call, counted_text};
use crate::runtime::{LoopwireRuntime, runtime};

/// The configuration and the state of a forwarded port, as JSON text.
///
/// An object with the SDK's keys (`proxy_id`, `plan`, `country_code`, `address`, `is_online`, `city`, `public_ip`,
/// `count_refresh`, `streams`, `bw` and others) and these: `upstream` (without a password), `latency_ms`, `last_error`,
/// `connections`; `{}` if the port is not forwarded. `port` is 1 to 65535. `out` receives the text; give it back with
/// `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_config_json(
    runtime: *const LoopwireRuntime,
    port: c_int,
    out: *mut *mut c_char,
) -> LoopwireResult {
    let read = |runtime: &LoopwireRuntime| {
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        Ok(runtime.get()?.config_json(port))
    };
    // SAFETY: as the caller has promised.
    unsafe { told(runtime, out, read) }
}

/// The configuration and the state of all forwarded ports, as the JSON text of an array.
///
/// An entry is what `loopwire_forward_get_config_json` gives. `out` receives the text; give it back with `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_configs_json(
    runtime: *const LoopwireRuntime,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { told(runtime, out, |runtime| Ok(runtime.get()?.configs_json())) }
}

/// Sets the configuration of one port: the proxies that it may use, and whether rotation and renewal apply to it.
///
/// `port` is 1 to 65535. `json` is JSON text of at most `len` bytes; it may end before, with a NUL: `{country?: ["DE"],
/// state?, city?, zip?, isp?, refresh?: boolean, rotation?: boolean}`. A `port` inside is ignored. The next request for the
/// port uses it. No event follows.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `json` is NULL, or has `len` bytes or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_put_config_port(
    runtime: *const LoopwireRuntime,
    port: c_int,
    json: *const c_char,
    len: i64,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, json) = unsafe { (self::runtime(runtime)?, counted_text(json, len)?) };
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        let json = args::json(json, "json", None)?;
        Ok(runtime.forward()?.put_config_port(port, &json)?)
    })
}

/// Sets the configurations of several ports.
///
/// `json` is JSON text of at most `len` bytes; it may end before, with a NUL: an object whose keys are ports and whose values
/// are as for `loopwire_forward_put_config_port`. If one is wrong, no configuration is set. No event follows.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `json` is NULL, or has `len` bytes or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_config_ports(
    runtime: *const LoopwireRuntime,
    json: *const c_char,
    len: i64,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, json) = unsafe { (self::runtime(runtime)?, counted_text(json, len)?) };
        let json = args::json(json, "json", None)?;
        Ok(runtime.forward()?.set_config_ports(&json)?)
    })
}
