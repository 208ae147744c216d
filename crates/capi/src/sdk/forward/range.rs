//! The range of ports that may be forwarded.

use std::ffi::c_int;

use crate::forward::{
    loopwire_forward_set_range_port, loopwire_forward_update_ip_format_and_ports,
};
use crate::sdk::default::on_default;
use crate::sdk::results::nothing;
use crate::sdk::types::LoopwireString;

/// Sets the range of ports that may be forwarded: `limit` ports from `startPort` on. (`setRangePort` of Node takes the last
/// port instead.) `SDKGetLastError()` is empty if it was done; otherwise it says why not. See
/// `loopwire_forward_set_range_port`.
#[unsafe(no_mangle)]
pub extern "C" fn SetRangePort(startPort: c_int, limit: c_int) {
    // SAFETY: the default runtime stays during the call.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_set_range_port(runtime, startPort, limit)
    }));
}

/// Sets the address template, such as "127.0.0.1:%d", and the range: `limit` ports from `startPort` on. `SDKGetLastError()`
/// is empty if it was done; otherwise it says why not. See `loopwire_forward_update_ip_format_and_ports`.
///
/// # Safety
/// `ipFormat` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn UpdateIPFormatAndPorts(
    ipFormat: LoopwireString,
    startPort: c_int,
    limit: c_int,
) {
    // SAFETY: as the caller has promised.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_update_ip_format_and_ports(runtime, ipFormat, startPort, limit)
    }));
}
