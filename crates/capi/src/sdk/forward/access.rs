//! What local ports ask their clients for.

use std::ffi::c_int;

use crate::forward::{
    loopwire_forward_set_enable_proxy_auth, loopwire_forward_set_protocol,
    loopwire_forward_set_proxy_auth,
};
use crate::sdk::default::on_default;
use crate::sdk::results::integer;
use crate::sdk::types::LoopwireString;

/// Switches whether local ports ask their clients for credentials (1) or not (0): 0, or 1 with the text in
/// `SDKGetLastError()`. See `loopwire_forward_set_enable_proxy_auth`.
#[unsafe(no_mangle)]
pub extern "C" fn SetEnableProxyAuth(enable: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_set_enable_proxy_auth(runtime, enable)
    }))
}

/// Sets the credentials that local ports ask their clients for, and whether they ask: 0, or 1 with the text in
/// `SDKGetLastError()`. See `loopwire_forward_set_proxy_auth`.
///
/// # Safety
/// Texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetProxyAuth(
    enable: c_int,
    username: LoopwireString,
    password: LoopwireString,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_set_proxy_auth(runtime, enable, username, password)
    }))
}

/// Stores the kind of tunnel, 0 Auto, 1 Mux, 2 Qux, which has no effect: 0, or 1 with the text in `SDKGetLastError()`. See
/// `loopwire_forward_set_protocol`.
#[unsafe(no_mangle)]
pub extern "C" fn SetProtocol(proto: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_set_protocol(runtime, proto)
    }))
}
