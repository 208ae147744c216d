//! Forwarding ports, and ceasing to.

use std::ffi::c_int;

use crate::forward::{
    loopwire_forward_create_proxy_by_port_configs, loopwire_forward_create_with_configure,
    loopwire_forward_create_with_id, loopwire_forward_quick_create_at_port,
    loopwire_forward_quick_create_proxies, loopwire_forward_remove_port,
    loopwire_forward_stop_proxy,
};
use crate::sdk::default::on_default;
use crate::sdk::results::integer;
use crate::sdk::types::LoopwireString;

/// Forwards the local port `port` to the proxy with the id `proxyId`, and waits for it: 0, or 1 with the text in
/// `SDKGetLastError()`. See `loopwire_forward_create_with_id`.
///
/// # Safety
/// Texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateWithId(
    port: c_int,
    proxyId: LoopwireString,
    plan: LoopwireString,
    actionType: LoopwireString,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_create_with_id(runtime, port, proxyId, plan, actionType)
    }))
}

/// Forwards those of the `n` `ports` that have a configuration, each through a proxy that matches it: 0, or 1 with the text
/// in `SDKGetLastError()`. `outPtr` receives the `outLen` ports that are forwarded; give it back with `FreeBuf`. 0 with
/// `outLen` 0 means that all were skipped. See `loopwire_forward_create_proxy_by_port_configs`.
///
/// # Safety
/// Texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers; `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateProxyByPortConfigs(
    requestId: LoopwireString,
    plan: LoopwireString,
    ports: *mut u32,
    n: c_int,
    outPtr: *mut *mut u32,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_create_proxy_by_port_configs(
            runtime, requestId, plan, ports, n, outPtr, outLen,
        )
    }))
}

/// Forwards the `n` `ports`, each through a proxy that matches its configuration, or any: 0, or 1 with the text in
/// `SDKGetLastError()`. With `onlyFree` 1, ports that are not free are skipped. `outPtr` receives the `outLen` ports that are
/// forwarded; give it back with `FreeBuf`. See `loopwire_forward_quick_create_proxies`.
///
/// # Safety
/// Texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers; `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QuickCreateProxies(
    requestId: LoopwireString,
    plan: LoopwireString,
    ports: *mut u32,
    n: c_int,
    onlyFree: c_int,
    outPtr: *mut *mut u32,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_quick_create_proxies(
            runtime, requestId, plan, ports, n, onlyFree, outPtr, outLen,
        )
    }))
}

/// Forwards the port `index` through a proxy that matches its configuration, or any: 0, or 1 with the text in
/// `SDKGetLastError()`. See `loopwire_forward_quick_create_at_port`.
///
/// # Safety
/// Texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QuickCreateAtPort(
    index: c_int,
    requestId: LoopwireString,
    plan: LoopwireString,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_quick_create_at_port(runtime, index, requestId, plan)
    }))
}

/// Forwards the `n` `ports`, each through a proxy that matches the filter: 0, or 1 with the text in `SDKGetLastError()`.
/// `outPtr` receives the `outLen` ports that are forwarded; give it back with `FreeBuf`. See
/// `loopwire_forward_create_with_configure`.
///
/// # Safety
/// Texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers; `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateWithConfigure(
    requestId: LoopwireString,
    ports: *mut u32,
    n: c_int,
    filterJson: LoopwireString,
    outPtr: *mut *mut u32,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_create_with_configure(
            runtime, requestId, ports, n, filterJson, outPtr, outLen,
        )
    }))
}

/// Stops forwarding `port`, and deletes it from the saved data: 0, or 1 with the text in `SDKGetLastError()`. See
/// `loopwire_forward_remove_port`.
#[unsafe(no_mangle)]
pub extern "C" fn RemovePort(port: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_remove_port(runtime, port)
    }))
}

/// Stops forwarding all ports; the saved data stays: 0, or 1 with the text in `SDKGetLastError()`. See
/// `loopwire_forward_stop_proxy`.
#[unsafe(no_mangle)]
pub extern "C" fn StopProxy() -> c_int {
    // SAFETY: the default runtime stays during the call.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_stop_proxy(runtime)
    }))
}
