//! The local HTTP API: starting and stopping it.

use std::ffi::{c_char, c_int};

use loopwire_runtime::{argument as args, option};

use crate::boundary::{Given, LoopwireResult, call, json};
use crate::runtime::{LoopwireRuntime, runtime};

/// Starts the local HTTP API on `port` of 127.0.0.1.
///
/// `port` is 1 to 65535. `options` is JSON text or NULL: `{token?}`, which every request must then have, as `Authorization:
/// Bearer {token}` or `?token={token}`; without one every program on this machine can use the API. `GET /api/openapi.json`
/// describes the routes. The port is bound when the function returns; if that fails, the event `httpError` follows. Started
/// again on another port, it moves there.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `options` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_start_http_api(
    runtime: *const LoopwireRuntime,
    port: c_int,
    options: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, options) = unsafe { (self::runtime(runtime)?, json(options, "options")?) };
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        let token = option::http_api(Given::options(options.as_ref()))?;
        Ok(runtime.get()?.start_http_api(port, token)?)
    })
}

/// Stops the local HTTP API; requests that are not answered yet are dropped. It may be called when the API is not running.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_stop_http_api(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.get()?.stop_http_api();
        Ok(())
    })
}
