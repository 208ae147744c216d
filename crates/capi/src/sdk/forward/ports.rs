//! Ports: which there are, which are free, which work.

use std::ffi::{c_int, c_uint};

use crate::forward::{
    loopwire_forward_check_port_available, loopwire_forward_get_ports,
    loopwire_forward_get_ports_available, loopwire_forward_get_ports_free_with_limit,
    loopwire_forward_get_ports_with_limit, loopwire_forward_get_ports_with_start_limit,
    loopwire_forward_is_running_port, loopwire_forward_test_port,
};
use crate::sdk::default::on_default;
use crate::sdk::results::{answer, integer};

/// All ports of the range: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives `outLen` ports; give it back with
/// `FreeBuf`. See `loopwire_forward_get_ports`.
///
/// # Safety
/// `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetPorts(outPtr: *mut *mut u32, outLen: *mut c_int) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_get_ports(runtime, outPtr, outLen)
    }))
}

/// The first ports of the range, at most `limit`: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives `outLen`
/// ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_with_limit`.
///
/// # Safety
/// `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetPortsWithLimit(
    limit: c_uint,
    outPtr: *mut *mut u32,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_get_ports_with_limit(runtime, limit, outPtr, outLen)
    }))
}

/// The ports of the range from `start` on, at most `limit`: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives
/// `outLen` ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_with_start_limit`.
///
/// # Safety
/// `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetPortsWithStartLimit(
    start: c_uint,
    limit: c_uint,
    outPtr: *mut *mut u32,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_get_ports_with_start_limit(runtime, start, limit, outPtr, outLen)
    }))
}

/// The free ports of the range, at most `limit`: 0, or 1 with the text in `SDKGetLastError()`. `outPtr` receives `outLen`
/// ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_free_with_limit`.
///
/// # Safety
/// `outPtr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetPortsFreeWithLimit(
    limit: c_uint,
    outPtr: *mut *mut u32,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_get_ports_free_with_limit(runtime, limit, outPtr, outLen)
    }))
}

/// The free ones among the `portsLen` `ports`: 0, or 1 with the text in `SDKGetLastError()`. `outArr` receives `outLen`
/// ports; give it back with `FreeBuf`. See `loopwire_forward_get_ports_available`.
///
/// # Safety
/// `ports` is NULL or has `portsLen` numbers; `outArr` and `outLen` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetPortsAvailable(
    ports: *mut c_uint,
    portsLen: c_int,
    outArr: *mut *mut c_uint,
    outLen: *mut c_int,
) -> c_int {
    // SAFETY: as the caller has promised.
    integer(on_default(|runtime| unsafe {
        loopwire_forward_get_ports_available(runtime, ports, portsLen, outArr, outLen)
    }))
}

/// 1 if `port` is forwarded, otherwise 0; 0 for an error, too, with the text in `SDKGetLastError()`. See
/// `loopwire_forward_is_running_port`.
#[unsafe(no_mangle)]
pub extern "C" fn IsRunningPort(port: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    c_int::from(answer(|runtime, out| unsafe {
        loopwire_forward_is_running_port(runtime, port, out)
    }))
}

/// 1 if `port` is free, otherwise 0; 0 for an error, too, with the text in `SDKGetLastError()`. See
/// `loopwire_forward_check_port_available`.
#[unsafe(no_mangle)]
pub extern "C" fn CheckPortAvailable(port: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    c_int::from(answer(|runtime, out| unsafe {
        loopwire_forward_check_port_available(runtime, port, out)
    }))
}

/// Tests `port` over the whole path, and waits for it: 1 if it works, otherwise 0; 0 for an error, too, with the text in
/// `SDKGetLastError()`. See `loopwire_forward_test_port`.
#[unsafe(no_mangle)]
pub extern "C" fn TestPort(port: c_int) -> c_int {
    // SAFETY: the default runtime stays during the call.
    c_int::from(answer(|runtime, out| unsafe {
        loopwire_forward_test_port(runtime, port, out)
    }))
}
