//! Rotation and renewal by time.

use crate::forward::{
    loopwire_forward_enable_auto_renew, loopwire_forward_enable_auto_rotation,
    loopwire_forward_get_auto_refresh_proxy_count_limit,
    loopwire_forward_get_auto_refresh_proxy_rate_limit, loopwire_forward_get_enable_auto_renew,
    loopwire_forward_set_auto_rotation_setting, loopwire_forward_set_renew_setting,
};
use crate::sdk::default::on_default;
use crate::sdk::results::{answer, long, number};
use crate::sdk::types::{GoInt, GoUint8};

/// Switches timed rotation on (1) or off (0): 0, or 1 with the text in `SDKGetLastError()`. See
/// `loopwire_forward_enable_auto_rotation`.
#[unsafe(no_mangle)]
pub extern "C" fn EnableAutoRotation(enable: GoUint8) -> GoInt {
    // SAFETY: the default runtime stays during the call.
    long(on_default(|runtime| unsafe {
        loopwire_forward_enable_auto_rotation(runtime, enable.into())
    }))
}

/// Sets the interval of timed rotation, in seconds, and whether it applies only to ports with a configuration (1) or to all
/// (0): 0, or 1 with the text in `SDKGetLastError()`. See `loopwire_forward_set_auto_rotation_setting`.
#[unsafe(no_mangle)]
pub extern "C" fn SetAutoRotationSetting(rateLimit: GoInt, onlyPortHasConfig: GoUint8) -> GoInt {
    // SAFETY: the default runtime stays during the call.
    long(on_default(|runtime| unsafe {
        loopwire_forward_set_auto_rotation_setting(runtime, rateLimit, onlyPortHasConfig.into())
    }))
}

/// Switches timed renewal on (1) or off (0): 0, or 1 with the text in `SDKGetLastError()`. See
/// `loopwire_forward_enable_auto_renew`.
#[unsafe(no_mangle)]
pub extern "C" fn EnableAutoRenew(enable: GoUint8) -> GoInt {
    // SAFETY: the default runtime stays during the call.
    long(on_default(|runtime| unsafe {
        loopwire_forward_enable_auto_renew(runtime, enable.into())
    }))
}

/// Sets the interval of timed renewal, in seconds, after how many renewals a port is removed (0: never), and whether it
/// applies only to ports with a configuration (1) or to all (0): 0, or 1 with the text in `SDKGetLastError()`. See
/// `loopwire_forward_set_renew_setting`.
#[unsafe(no_mangle)]
pub extern "C" fn SetRenewSetting(
    rateLimit: GoInt,
    countLimit: GoInt,
    onlyPortHasConfig: GoUint8,
) -> GoInt {
    // SAFETY: the default runtime stays during the call.
    long(on_default(|runtime| unsafe {
        loopwire_forward_set_renew_setting(runtime, rateLimit, countLimit, onlyPortHasConfig.into())
    }))
}

/// 1 if timed renewal is on, otherwise 0; 0 for an error, too, with the text in `SDKGetLastError()`. See
/// `loopwire_forward_get_enable_auto_renew`.
#[unsafe(no_mangle)]
pub extern "C" fn GetEnableAutoRenew() -> GoUint8 {
    // SAFETY: the default runtime stays during the call.
    GoUint8::from(answer(|runtime, out| unsafe {
        loopwire_forward_get_enable_auto_renew(runtime, out)
    }))
}

/// The interval of timed renewal, in seconds; -1 for an error, with the text in `SDKGetLastError()`. See
/// `loopwire_forward_get_auto_refresh_proxy_rate_limit`.
#[unsafe(no_mangle)]
pub extern "C" fn GetAutoRefreshProxyRateLimit() -> GoInt {
    // SAFETY: the default runtime stays during the call.
    number(|runtime, out| unsafe {
        loopwire_forward_get_auto_refresh_proxy_rate_limit(runtime, out)
    })
}

/// The number of renewals after which a port is removed, 0 for no limit; -1 for an error, with the text in
/// `SDKGetLastError()`. See `loopwire_forward_get_auto_refresh_proxy_count_limit`.
#[unsafe(no_mangle)]
pub extern "C" fn GetAutoRefreshProxyCountLimit() -> GoInt {
    // SAFETY: the default runtime stays during the call.
    number(|runtime, out| unsafe {
        loopwire_forward_get_auto_refresh_proxy_count_limit(runtime, out)
    })
}
