//! Rotation and renewal by time.

use loopwire_runtime::{argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, throwing};

/// Switches timed rotation on (1) or off (0): ports change to another proxy that matches the same filter at an
/// interval.
///
/// Off by default. A rotation causes one `portStateUpdate`; without another proxy nothing changes. See also
/// `configure({ rotateOnError })` and `rotate(port)`. Returns 0. Throws `TypeError` for a wrong type and `RangeError`
/// for another number.
///
/// @example enableAutoRotation(1);
#[napi(catch_unwind, ts_args_type = "enable: number")]
pub fn enable_auto_rotation(env: Env, enable: Given<'_>) -> Result<i32> {
    let enable = throwing(&env, args::switch(enable, "enable"))?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.enable_auto_rotation(enable);
        Ok(())
    }))
}

/// Sets the interval of timed rotation and the ports it applies to.
///
/// `seconds` is 1 to 2678400 (default: 300), counted from when the port got its proxy. With `onlyPortHasConfig` 1
/// only ports that have a configuration are rotated, with 0 all ports. A configuration with `rotation: false` always
/// excludes its port. Returns 0. Throws `TypeError` for a wrong type and `RangeError` for another number.
///
/// @example setAutoRotationSetting(600, 0);
#[napi(
    catch_unwind,
    ts_args_type = "seconds: number, onlyPortHasConfig: number"
)]
pub fn set_auto_rotation_setting(
    env: Env,
    seconds: Given<'_>,
    only_port_has_config: Given<'_>,
) -> Result<i32> {
    let checked = option::seconds(seconds, "seconds").and_then(|interval| {
        Ok((
            interval,
            args::switch(only_port_has_config, "onlyPortHasConfig")?,
        ))
    });
    let (interval, only) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.set_auto_rotation_setting(interval, only);
        Ok(())
    }))
}

/// Switches timed renewal on (1) or off (0): the provider is asked for the proxy of each port again at an interval.
///
/// Off by default. A renewal causes one `portStateUpdate` and increases `count_refresh` of `getConfigJSON`. If the
/// provider says that the proxy is gone, the port is removed (`portRemoved`). Returns 0. Throws `TypeError` for a
/// wrong type and `RangeError` for another number.
///
/// @example enableAutoRenew(1);
#[napi(catch_unwind, ts_args_type = "enable: number")]
pub fn enable_auto_renew(env: Env, enable: Given<'_>) -> Result<i32> {
    let enable = throwing(&env, args::switch(enable, "enable"))?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.enable_auto_renew(enable);
        Ok(())
    }))
}

/// Sets the interval of timed renewal, its limit, and the ports it applies to.
///
/// `seconds` is 1 to 2678400 (default: 60). A port whose proxy was renewed `countLimit` times (default: 100; 0 for no
/// limit) is removed when the next renewal is due (`portRemoved`). With `onlyPortHasConfig` 1 only ports that have a
/// configuration are renewed, with 0 all ports. A configuration with `refresh: false` always excludes its port.
/// Returns 0. Throws `TypeError` for a wrong type and `RangeError` for another number.
///
/// @example setRenewSetting(60, 100, 0);
#[napi(
    catch_unwind,
    ts_args_type = "seconds: number, countLimit: number, onlyPortHasConfig: number"
)]
pub fn set_renew_setting(
    env: Env,
    seconds: Given<'_>,
    count_limit: Given<'_>,
    only_port_has_config: Given<'_>,
) -> Result<i32> {
    let checked = option::seconds(seconds, "seconds").and_then(|interval| {
        let limit = option::renew_limit(count_limit, "countLimit")?;
        let only = args::switch(only_port_has_config, "onlyPortHasConfig")?;
        Ok((interval, limit, only))
    });
    let (interval, limit, only) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.set_renew_setting(interval, limit, only);
        Ok(())
    }))
}

/// Whether timed renewal is on: 1 or 0.
///
/// @example console.log(getEnableAutoRenew());
#[napi(catch_unwind)]
pub fn get_enable_auto_renew(env: Env) -> Result<i32> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(i32::from(engine.get_enable_auto_renew()))
}

/// The interval of timed renewal, in seconds.
///
/// @example console.log(getAutoRefreshProxyRateLimit());
#[napi(catch_unwind)]
pub fn get_auto_refresh_proxy_rate_limit(env: Env) -> Result<u32> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    let seconds = engine.get_auto_refresh_proxy_rate_limit().as_secs();
    Ok(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// The number of renewals after which a port is removed; 0 for no limit.
///
/// @example console.log(getAutoRefreshProxyCountLimit());
#[napi(catch_unwind)]
pub fn get_auto_refresh_proxy_count_limit(env: Env) -> Result<u32> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    let limit = engine.get_auto_refresh_proxy_count_limit();
    Ok(u32::try_from(limit).unwrap_or(u32::MAX))
}
