//! Ports: which there are, which are free, which work.

use std::ffi::{c_int, c_uint};

use loopwire_runtime::{Outcome, argument as args, option};

use crate::boundary::{
    Given, LoopwireResult, call, handle_out, len_out, number_out, ports_in, ports_out,
};
use crate::runtime::{LoopwireRuntime, runtime};

/// Hands out the ports that `read` finds.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` and `out_len` are NULL or can be written.
unsafe fn list(
    runtime: *const LoopwireRuntime,
    out: *mut *mut u32,
    out_len: *mut c_int,
    read: impl FnOnce(&LoopwireRuntime) -> Outcome<Vec<u16>>,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe {
            handle_out(out, "out")?;
            len_out(out_len, "out_len")?;
            self::runtime(runtime)?
        };
        let ports = read(runtime)?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { ports_out(out, out_len, &ports) }
    })
}

/// All ports of the range, in order. Without a range the default range is set, 60000:100, and `settingPortChange` follows.
///
/// `out` receives an array of `out_len` ports; give it back with `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` and `out_len` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_ports(
    runtime: *const LoopwireRuntime,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe {
        list(runtime, out, out_len, |runtime| {
            Ok(runtime.forward()?.get_ports())
        })
    }
}

/// The first ports of the range, at most `limit`.
///
/// `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
///
/// # Safety
/// As for `loopwire_forward_get_ports`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_ports_with_limit(
    runtime: *const LoopwireRuntime,
    limit: c_uint,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    let read = |runtime: &LoopwireRuntime| {
        let limit = option::port_limit(Given::Integer(limit.into()))?;
        Ok(runtime.forward()?.get_ports_with_start_limit(1, limit))
    };
    // SAFETY: as the caller has promised.
    unsafe { list(runtime, out, out_len, read) }
}

/// The ports of the range from `start` on, at most `limit`. `start` is 1 to 65535.
///
/// `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
///
/// # Safety
/// As for `loopwire_forward_get_ports`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_ports_with_start_limit(
    runtime: *const LoopwireRuntime,
    start: c_uint,
    limit: c_uint,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    let read = |runtime: &LoopwireRuntime| {
        let start = args::forwarded_port(Given::Integer(start.into()), "start")?;
        let limit = option::port_limit(Given::Integer(limit.into()))?;
        Ok(runtime.forward()?.get_ports_with_start_limit(start, limit))
    };
    // SAFETY: as the caller has promised.
    unsafe { list(runtime, out, out_len, read) }
}

/// The free ports of the range, at most `limit`: neither forwarded nor used by another program.
///
/// `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
///
/// # Safety
/// As for `loopwire_forward_get_ports`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_ports_free_with_limit(
    runtime: *const LoopwireRuntime,
    limit: c_uint,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    let read = |runtime: &LoopwireRuntime| {
        let limit = option::port_limit(Given::Integer(limit.into()))?;
        Ok(runtime.forward()?.get_ports_free_with_limit(limit))
    };
    // SAFETY: as the caller has promised.
    unsafe { list(runtime, out, out_len, read) }
}

/// The free ones among the `n` `ports`, in their order.
///
/// `out` receives an array of `out_len` ports, NULL if there are none; give it back with `loopwire_free`.
///
/// # Safety
/// As for `loopwire_forward_get_ports`; `ports` is NULL or has `n` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_ports_available(
    runtime: *const LoopwireRuntime,
    ports: *const u32,
    n: c_int,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    let read = |runtime: &LoopwireRuntime| {
        // SAFETY: as the caller has promised.
        let ports = unsafe { ports_in(ports, n, "ports") }?;
        Ok(runtime.forward()?.get_ports_available(&ports))
    };
    // SAFETY: as the caller has promised.
    unsafe { list(runtime, out, out_len, read) }
}

/// Hands out what `ask` says of a port.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
unsafe fn answer(
    runtime: *const LoopwireRuntime,
    port: c_int,
    out: *mut bool,
    ask: impl FnOnce(&LoopwireRuntime, u16) -> Outcome<bool>,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe {
            len_out(out, "out")?;
            self::runtime(runtime)?
        };
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        let answer = ask(runtime, port)?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { number_out(out, answer) };
        Ok(())
    })
}

/// Whether `port`, 1 to 65535, is forwarded. `out` receives the answer.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_is_running_port(
    runtime: *const LoopwireRuntime,
    port: c_int,
    out: *mut bool,
) -> LoopwireResult {
    let ask = |runtime: &LoopwireRuntime, port| Ok(runtime.get()?.is_running_port(port));
    // SAFETY: as the caller has promised.
    unsafe { answer(runtime, port, out, ask) }
}

/// Whether `port`, 1 to 65535, is free: neither forwarded nor used by another program. `out` receives the answer.
///
/// The address is that of the range.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_check_port_available(
    runtime: *const LoopwireRuntime,
    port: c_int,
    out: *mut bool,
) -> LoopwireResult {
    let ask = |runtime: &LoopwireRuntime, port| Ok(runtime.forward()?.check_port_available(port));
    // SAFETY: as the caller has promised.
    unsafe { answer(runtime, port, out, ask) }
}

/// Tests a forwarded port over the whole path, and waits for it: the handshake with its upstream, and the probe target if one
/// is set.
///
/// `port` is 1 to 65535. `out` receives whether it works; that becomes the state of the port, and `portStateUpdate` follows
/// if it changes. It ends by itself after `connectTimeoutMs` and `handshakeTimeoutMs` of `loopwire_runtime_configure`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_test_port(
    runtime: *const LoopwireRuntime,
    port: c_int,
    out: *mut bool,
) -> LoopwireResult {
    let ask = |runtime: &LoopwireRuntime, port| {
        let testing = runtime.forward()?.test_port(port);
        runtime.wait(async move { Ok(testing.await) })
    };
    // SAFETY: as the caller has promised.
    unsafe { answer(runtime, port, out, ask) }
}
