//! The provider, and what goes with each request to it.

use std::ffi::c_char;

use crate::forward::{
    loopwire_forward_close_token_chan, loopwire_forward_get_api_host,
    loopwire_forward_set_api_host, loopwire_forward_set_header, loopwire_forward_set_query,
    loopwire_forward_set_user_country_code,
};
use crate::sdk::default::on_default;
use crate::sdk::results::{nothing, text};
use crate::sdk::types::LoopwireString;

/// Sets the provider: a `file:///` URL of a JSON list, or an `http(s)://` base URL. `SDKGetLastError()` is empty if it was
/// done; otherwise it says why not. See `loopwire_forward_set_api_host`.
///
/// # Safety
/// `host` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetAPIHost(host: LoopwireString) {
    // SAFETY: as the caller has promised.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_set_api_host(runtime, host)
    }));
}

/// The provider's URL; the empty text if there is none. NULL for an error, with the text in `SDKGetLastError()`. Give it back
/// with `FreeBuf`. See `loopwire_forward_get_api_host`.
#[unsafe(no_mangle)]
pub extern "C" fn GetAPIHost() -> *mut c_char {
    // SAFETY: the default runtime stays during the call.
    text(|runtime, out| unsafe { loopwire_forward_get_api_host(runtime, out) })
}

/// Sets a header of the requests to the provider; an empty value deletes it. `SDKGetLastError()` is empty if it was done;
/// otherwise it says why not. See `loopwire_forward_set_header`.
///
/// # Safety
/// Texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetHeader(key: LoopwireString, value: LoopwireString) {
    // SAFETY: as the caller has promised.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_set_header(runtime, key, value)
    }));
}

/// Sets a query parameter of the requests to the provider, such as `api-key`; an empty value deletes it.
/// `SDKGetLastError()` is empty if it was done; otherwise it says why not. See `loopwire_forward_set_query`.
///
/// # Safety
/// Texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetQuery(key: LoopwireString, value: LoopwireString) {
    // SAFETY: as the caller has promised.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_set_query(runtime, key, value)
    }));
}

/// Sets the user's country, such as "HK". `SDKGetLastError()` is empty if it was done; otherwise it says why not. See
/// `loopwire_forward_set_user_country_code`.
///
/// # Safety
/// `code` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetUserCountryCode(code: LoopwireString) {
    // SAFETY: as the caller has promised.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_set_user_country_code(runtime, code)
    }));
}

/// Ends the wait of requests that the provider has answered with 401; it is up to 20 seconds for a new key. See
/// `loopwire_forward_close_token_chan`.
#[unsafe(no_mangle)]
pub extern "C" fn CloseTokenChan() {
    // SAFETY: the default runtime stays during the call.
    nothing(on_default(|runtime| unsafe {
        loopwire_forward_close_token_chan(runtime)
    }));
}
