//! What is known of forwarded ports, and the configurations of ports.

use std::ffi::{c_char, c_uint};

use crate::forward::{
    loopwire_forward_get_config_json, loopwire_forward_get_configs_json,
    loopwire_forward_put_config_port, loopwire_forward_set_config_ports,
};
use crate::sdk::default::on_default;
use crate::sdk::results::{byte, signed, text};
use crate::sdk::types::{GoInt, GoUint8, GoUint32, LoopwireString};

/// The configuration and the state of a forwarded port, as JSON text; "{}" if it is not forwarded. NULL for an error, with
/// the text in `SDKGetLastError()`. Give it back with `FreeBuf`. See `loopwire_forward_get_config_json`.
#[unsafe(no_mangle)]
pub extern "C" fn GetConfigJSON(port: c_uint) -> *mut c_char {
    // SAFETY: the default runtime stays during the call.
    text(|runtime, out| unsafe { loopwire_forward_get_config_json(runtime, signed(port), out) })
}

/// The configuration and the state of all forwarded ports, as the JSON text of an array. NULL for an error, with the text in
/// `SDKGetLastError()`. Give it back with `FreeBuf`. See `loopwire_forward_get_configs_json`.
#[unsafe(no_mangle)]
pub extern "C" fn GetConfigsJSON() -> *mut c_char {
    // SAFETY: the default runtime stays during the call.
    text(|runtime, out| unsafe { loopwire_forward_get_configs_json(runtime, out) })
}

/// Sets the configuration of one port: 0, or 1 with the text in `SDKGetLastError()`. `jsonInfo` is JSON text of at most
/// `jsonInfoLen` bytes; it may end before, with a NUL. See `loopwire_forward_put_config_port`.
///
/// # Safety
/// `jsonInfo` is NULL, or has `jsonInfoLen` bytes or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PutConfigPort(
    port: GoUint32,
    jsonInfo: LoopwireString,
    jsonInfoLen: GoInt,
) -> GoUint8 {
    // SAFETY: as the caller has promised.
    byte(on_default(|runtime| unsafe {
        loopwire_forward_put_config_port(runtime, signed(port), jsonInfo, jsonInfoLen)
    }))
}

/// Sets the configurations of several ports: 0, or 1 with the text in `SDKGetLastError()`. `jsonInfo` is JSON text of at most
/// `jsonInfoLen` bytes, an object whose keys are ports; it may end before, with a NUL. See
/// `loopwire_forward_set_config_ports`.
///
/// # Safety
/// `jsonInfo` is NULL, or has `jsonInfoLen` bytes or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetConfigPorts(jsonInfo: LoopwireString, jsonInfoLen: GoInt) -> GoUint8 {
    // SAFETY: as the caller has promised.
    byte(on_default(|runtime| unsafe {
        loopwire_forward_set_config_ports(runtime, jsonInfo, jsonInfoLen)
    }))
}
