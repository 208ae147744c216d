//! What local ports ask their clients for.

use std::ffi::{c_char, c_int};

use loopwire_runtime::{argument as args, option};

use crate::boundary::{Given, LoopwireResult, call, text};
use crate::runtime::{LoopwireRuntime, runtime};

/// Switches whether local ports ask their clients for credentials: status 407 for HTTP, RFC 1929 for SOCKS5.
///
/// `enable` is 0 or 1. It fails if `loopwire_forward_set_proxy_auth` has set no credentials yet, or if it would be switched
/// off while other machines can reach the ports. Open connections continue.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_enable_proxy_auth(
    runtime: *const LoopwireRuntime,
    enable: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let enable = args::switch(Given::Integer(enable.into()), "enable")?;
        Ok(runtime.forward()?.set_enable_proxy_auth(enable)?)
    })
}

/// Sets the credentials that local ports ask their clients for, and whether they ask.
///
/// `enable` is 0 or 1; `username` has 1 to 255 bytes and no colon, `password` 1 to 255 bytes. Ports of `loopwire_forward`
/// with the option `auth` use their own. Open connections continue.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_proxy_auth(
    runtime: *const LoopwireRuntime,
    enable: c_int,
    username: *const c_char,
    password: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, username, password) = unsafe {
            (
                self::runtime(runtime)?,
                text(username, "username")?,
                text(password, "password")?,
            )
        };
        let enable = args::switch(Given::Integer(enable.into()), "enable")?;
        let username = args::string(username, "username")?;
        let password = args::string(password, "password")?;
        let engine = runtime.forward()?;
        Ok(engine.set_proxy_auth(enable, &username, &password)?)
    })
}

/// Stores the kind of tunnel: 0 Auto, 1 Mux, 2 Qux. It is shown by `loopwire_forward_stats` and has no other effect.
///
/// Every local port speaks HTTP and SOCKS5; the first byte of a connection tells which. The option `accept` of
/// `loopwire_forward` restricts a port to one.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_protocol(
    runtime: *const LoopwireRuntime,
    protocol: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let protocol = option::protocol(Given::Integer(protocol.into()))?;
        Ok(runtime.forward()?.set_protocol(protocol)?)
    })
}
