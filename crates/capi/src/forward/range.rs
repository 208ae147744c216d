//! The range of ports that may be forwarded.

use std::ffi::{c_char, c_int};

use loopwire_runtime::{argument as args, option};

use crate::boundary::{Given, LoopwireResult, call, text};
use crate::runtime::{LoopwireRuntime, runtime};

/// Sets the range of ports that may be forwarded: `count` ports from `start_port` on. The address template stays.
///
/// Both are 1 to 65535. (`setRangePort` of Node takes the last port instead of the count.) Without it the range is 60000 and
/// 100 ports. A change is followed by `settingPortChange` `"start:count"`; ports outside the new range are removed
/// (`portRemoved`), ports inside it keep the address they listen on.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_range_port(
    runtime: *const LoopwireRuntime,
    start_port: c_int,
    count: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let start = option::port_number(Given::Integer(start_port.into()), "start_port")?;
        let count = option::port_number(Given::Integer(count.into()), "count")?;
        Ok(runtime.forward()?.set_range_port(start, count)?)
    })
}

/// Sets the address template and the range of ports that may be forwarded.
///
/// `ip_format` is `"127.0.0.1:%d"`, the default, or another address. One that other machines can reach is refused unless
/// local ports ask for credentials (`loopwire_forward_set_proxy_auth`). Everything else is as for
/// `loopwire_forward_set_range_port`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `ip_format` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_update_ip_format_and_ports(
    runtime: *const LoopwireRuntime,
    ip_format: *const c_char,
    start_port: c_int,
    count: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, format) = unsafe { (self::runtime(runtime)?, text(ip_format, "ip_format")?) };
        let format = args::string(format, "ip_format")?;
        let start = option::port_number(Given::Integer(start_port.into()), "start_port")?;
        let count = option::port_number(Given::Integer(count.into()), "count")?;
        let engine = runtime.forward()?;
        Ok(engine.update_ip_format_and_ports(&format, start, count)?)
    })
}
