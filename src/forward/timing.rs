//! Rotation and renewal by time.

use std::time::Duration;

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Outcome, args, throwing};

/// The longest interval: a month. Beyond it nobody would call it an interval.
const MAX_SECONDS: u64 = 31 * 86_400;

fn seconds(value: Unknown<'_>, name: &str) -> Outcome<Duration> {
    args::integer(value, name, 1..=MAX_SECONDS).map(Duration::from_secs)
}

/// Switches timed rotation on (1) or off (0): each port takes another proxy under the same filter from time to time.
///
/// Off at first. A rotation gives one `portStateUpdate`; one that finds no other proxy changes nothing. Rotation on
/// error is `configure({ rotateOnError })`, on command `rotate(port)`. Returns 0. Wrong types throw `TypeError`, other
/// numbers `RangeError`.
///
/// @example enableAutoRotation(1);
#[napi(catch_unwind, ts_args_type = "enable: number")]
pub fn enable_auto_rotation(env: Env, enable: Unknown<'_>) -> Result<i32> {
    let enable = throwing(&env, args::switch(enable, "enable"))?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.enable_auto_rotation(enable);
        Ok(())
    }))
}

/// Sets how often ports are rotated, and which.
///
/// `seconds` is 1 to 2678400 (300 at first), counted from when the port took its proxy. With `onlyPortHasConfig` 1 only
/// ports that have a configuration are rotated, with 0 all; a configuration with `rotation: false` always exempts its
/// port. Returns 0. Wrong types throw `TypeError`, other numbers `RangeError`.
///
/// @example setAutoRotationSetting(600, 0);
#[napi(
    catch_unwind,
    ts_args_type = "seconds: number, onlyPortHasConfig: number"
)]
pub fn set_auto_rotation_setting(
    env: Env,
    seconds: Unknown<'_>,
    only_port_has_config: Unknown<'_>,
) -> Result<i32> {
    let checked = self::seconds(seconds, "seconds").and_then(|interval| {
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

/// Switches timed renewal on (1) or off (0): the provider is asked for each port's proxy again from time to time.
///
/// Off at first. A renewal gives one `portStateUpdate`, and `count_refresh` of `getConfigJSON` rises. A proxy that the
/// provider says is gone for good takes its port with it: `portRemoved`. Returns 0. Wrong types throw `TypeError`, other
/// numbers `RangeError`.
///
/// @example enableAutoRenew(1);
#[napi(catch_unwind, ts_args_type = "enable: number")]
pub fn enable_auto_renew(env: Env, enable: Unknown<'_>) -> Result<i32> {
    let enable = throwing(&env, args::switch(enable, "enable"))?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.enable_auto_renew(enable);
        Ok(())
    }))
}

/// Sets how often proxies are renewed, how many times, and on which ports.
///
/// `seconds` is 1 to 2678400 (60 at first). A port whose proxy was renewed `countLimit` times (100 at first; 0 for no
/// limit) is removed when the next renewal is due: `portRemoved`. With `onlyPortHasConfig` 1 only ports that have a
/// configuration are renewed, with 0 all; a configuration with `refresh: false` always exempts its port. Returns 0.
/// Wrong types throw `TypeError`, other numbers `RangeError`.
///
/// @example setRenewSetting(60, 100, 0);
#[napi(
    catch_unwind,
    ts_args_type = "seconds: number, countLimit: number, onlyPortHasConfig: number"
)]
pub fn set_renew_setting(
    env: Env,
    seconds: Unknown<'_>,
    count_limit: Unknown<'_>,
    only_port_has_config: Unknown<'_>,
) -> Result<i32> {
    let checked = self::seconds(seconds, "seconds").and_then(|interval| {
        let limit = args::integer(count_limit, "countLimit", 0..=u64::from(u32::MAX))?;
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

/// How often proxies are renewed, in seconds.
///
/// @example console.log(getAutoRefreshProxyRateLimit());
#[napi(catch_unwind)]
pub fn get_auto_refresh_proxy_rate_limit(env: Env) -> Result<u32> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    let seconds = engine.get_auto_refresh_proxy_rate_limit().as_secs();
    Ok(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// After how many renewals a port is removed; 0 for never.
///
/// @example console.log(getAutoRefreshProxyCountLimit());
#[napi(catch_unwind)]
pub fn get_auto_refresh_proxy_count_limit(env: Env) -> Result<u32> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    let limit = engine.get_auto_refresh_proxy_count_limit();
    Ok(u32::try_from(limit).unwrap_or(u32::MAX))
}
