//! Rotation and renewal by time.

use std::ffi::c_int;

use loopwire_runtime::{Engine, Outcome, argument as args, option};

use crate::boundary::{Given, LoopwireResult, call, len_out, number_out};
use crate::runtime::{LoopwireRuntime, runtime};

/// Switches something of the engine on or off.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
unsafe fn switch(
    runtime: *const LoopwireRuntime,
    enable: c_int,
    set: impl FnOnce(&Engine, bool),
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let enable = args::switch(Given::Integer(enable.into()), "enable")?;
        set(&runtime.forward()?, enable);
        Ok(())
    })
}

/// Switches timed rotation on (1) or off (0): ports change to another proxy that matches the same filter at an interval.
///
/// Off by default. A rotation causes one `portStateUpdate`; without another proxy nothing changes.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_enable_auto_rotation(
    runtime: *const LoopwireRuntime,
    enable: c_int,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { switch(runtime, enable, Engine::enable_auto_rotation) }
}

/// Sets the interval of timed rotation and the ports it applies to.
///
/// `seconds` is 1 to 2678400 (default: 300), counted from when the port got its proxy. With `only_port_has_config` 1 only
/// ports that have a configuration are rotated, with 0 all ports. A configuration with `rotation: false` always excludes its
/// port.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_auto_rotation_setting(
    runtime: *const LoopwireRuntime,
    seconds: i64,
    only_port_has_config: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let interval = option::seconds(Given::Integer(seconds), "seconds")?;
        let only = Given::Integer(only_port_has_config.into());
        let only = args::switch(only, "only_port_has_config")?;
        let engine = runtime.forward()?;
        engine.set_auto_rotation_setting(interval, only);
        Ok(())
    })
}

/// Switches timed renewal on (1) or off (0): the provider is asked for the proxy of each port again at an interval.
///
/// Off by default. A renewal causes one `portStateUpdate` and increases `count_refresh`. If the provider says that the proxy
/// is gone, the port is removed (`portRemoved`).
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_enable_auto_renew(
    runtime: *const LoopwireRuntime,
    enable: c_int,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { switch(runtime, enable, Engine::enable_auto_renew) }
}

/// Sets the interval of timed renewal, its limit, and the ports it applies to.
///
/// `seconds` is 1 to 2678400 (default: 60). A port whose proxy was renewed `count_limit` times (default: 100; 0 for no limit)
/// is removed when the next renewal is due (`portRemoved`). With `only_port_has_config` 1 only ports that have a
/// configuration are renewed, with 0 all ports. A configuration with `refresh: false` always excludes its port.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_renew_setting(
    runtime: *const LoopwireRuntime,
    seconds: i64,
    count_limit: i64,
    only_port_has_config: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let interval = option::seconds(Given::Integer(seconds), "seconds")?;
        let limit = option::renew_limit(Given::Integer(count_limit), "count_limit")?;
        let only = Given::Integer(only_port_has_config.into());
        let only = args::switch(only, "only_port_has_config")?;
        runtime.forward()?.set_renew_setting(interval, limit, only);
        Ok(())
    })
}

/// Hands out what the engine has.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
unsafe fn read<T: Default>(
    runtime: *const LoopwireRuntime,
    out: *mut T,
    read: impl FnOnce(&Engine) -> T,
) -> LoopwireResult {
    let read = || -> Outcome<()> {
        // SAFETY: as the caller has promised.
        let runtime = unsafe {
            len_out(out, "out")?;
            self::runtime(runtime)?
        };
        let value = read(&runtime.forward()?);
        // SAFETY: as the caller has promised, and checked above.
        unsafe { number_out(out, value) };
        Ok(())
    };
    call(read)
}

/// Whether timed renewal is on. `out` receives the answer.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_enable_auto_renew(
    runtime: *const LoopwireRuntime,
    out: *mut bool,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { read(runtime, out, Engine::get_enable_auto_renew) }
}

/// The interval of timed renewal. `out` receives it, in seconds.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_auto_refresh_proxy_rate_limit(
    runtime: *const LoopwireRuntime,
    out: *mut i64,
) -> LoopwireResult {
    let seconds = |engine: &Engine| engine.get_auto_refresh_proxy_rate_limit().as_secs();
    let read_seconds = |engine: &Engine| i64::try_from(seconds(engine)).unwrap_or(i64::MAX);
    // SAFETY: as the caller has promised.
    unsafe { read(runtime, out, read_seconds) }
}

/// The number of renewals after which a port is removed; 0 for no limit. `out` receives it.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_auto_refresh_proxy_count_limit(
    runtime: *const LoopwireRuntime,
    out: *mut i64,
) -> LoopwireResult {
    let limit = |engine: &Engine| {
        i64::try_from(engine.get_auto_refresh_proxy_count_limit()).unwrap_or(i64::MAX)
    };
    // SAFETY: as the caller has promised.
    unsafe { read(runtime, out, limit) }
}
