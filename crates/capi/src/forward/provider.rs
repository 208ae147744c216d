//! The provider, and what goes with each request to it.

use std::ffi::c_char;

use loopwire_runtime::argument as args;
use loopwire_runtime::{Engine, ForwardError};

use super::told::told;
use crate::boundary::{LoopwireResult, call, text};
use crate::runtime::{LoopwireRuntime, runtime};

/// Sets the provider, which lists the upstream proxies: a `file:///` URL of a JSON list, or the `http(s)://` base URL of a
/// provider. docs/api.md, `setAPIHost`, says what it answers.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `url` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_api_host(
    runtime: *const LoopwireRuntime,
    url: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, url) = unsafe { (self::runtime(runtime)?, text(url, "url")?) };
        let url = args::string(url, "url")?;
        Ok(runtime.forward()?.set_api_host(&url)?)
    })
}

/// The provider's URL, as it was set; the empty text if there is none.
///
/// `out` receives the text; give it back with `loopwire_free`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_get_api_host(
    runtime: *const LoopwireRuntime,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { told(runtime, out, |runtime| Ok(runtime.get()?.api_host())) }
}

/// Gives the engine a name and a value.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
unsafe fn pair(
    runtime: *const LoopwireRuntime,
    name: *const c_char,
    value: *const c_char,
    set: impl FnOnce(&Engine, &str, &str) -> Result<(), ForwardError>,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, name, value) = unsafe {
            (
                self::runtime(runtime)?,
                text(name, "name")?,
                text(value, "value")?,
            )
        };
        let (name, value) = (args::string(name, "name")?, args::string(value, "value")?);
        Ok(set(&runtime.forward()?, &name, &value)?)
    })
}

/// Sets a header that is sent with each request to an HTTP provider.
///
/// It replaces a header of the same name; an empty value deletes it. Requests that wait because the provider answered 401 are
/// sent again at once (see `loopwire_forward_close_token_chan`).
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_header(
    runtime: *const LoopwireRuntime,
    name: *const c_char,
    value: *const c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { pair(runtime, name, value, Engine::set_header) }
}

/// Sets a query parameter that is sent with each request to an HTTP provider, such as its key.
///
/// It replaces a parameter of the same name; an empty value deletes it. Requests that wait because the provider answered 401
/// are sent again at once (see `loopwire_forward_close_token_chan`).
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_query(
    runtime: *const LoopwireRuntime,
    name: *const c_char,
    value: *const c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { pair(runtime, name, value, Engine::set_query) }
}

/// Sets the user's country, such as `"HK"`. It is sent with each request to an HTTP provider as `user_country_code`, and
/// shown as `client_country_code` by `loopwire_forward_get_config_json`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `code` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_set_user_country_code(
    runtime: *const LoopwireRuntime,
    code: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, code) = unsafe { (self::runtime(runtime)?, text(code, "code")?) };
        let code = args::string(code, "code")?;
        runtime.forward()?.set_user_country_code(&code);
        Ok(())
    })
}

/// Ends the wait of requests that an HTTP provider has answered with 401.
///
/// Such a request waits up to 20 seconds for a new key (`loopwire_forward_set_query`, `loopwire_forward_set_header`) and is
/// then sent again. This call makes it fail now, with `proxyError` `…@status:401|message:…`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_close_token_chan(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.get()?.close_token_chan();
        Ok(())
    })
}
