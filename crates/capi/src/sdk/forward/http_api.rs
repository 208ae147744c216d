//! The local HTTP API.

use std::ffi::c_int;
use std::ptr;

use crate::forward::{loopwire_forward_start_http_api, loopwire_forward_stop_http_api};
use crate::sdk::default::on_default;
use crate::sdk::results::integer;

/// Starts the local HTTP API on `port` of 127.0.0.1: 0, or 1 with the text in `SDKGetLastError()`, followed by the event
/// `httpError`. Every program on this machine can use it; `loopwire_forward_start_http_api` can ask for a token.
#[unsafe(no_mangle)]
pub extern "C" fn StartHttpApi(port: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_start_http_api(runtime, port, ptr::null())
    }))
}

/// Stops the local HTTP API: 0, or 1 with the text in `SDKGetLastError()`. See `loopwire_forward_stop_http_api`.
#[unsafe(no_mangle)]
pub extern "C" fn StopHttpApi() -> c_int {
    // SAFETY: the default runtime stays during the call.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_stop_http_api(runtime)
    }))
}
