//! How JavaScript calls the functions of `emit`.
//!
//! Around each call napi-rs's macro allocates a record of borrowed arguments, behind a lock. That costs more than all that
//! `emit` does, and these functions borrow nothing.
#![expect(
    unsafe_code,
    reason = "the arguments of a call are read by Node-API itself"
)]

use std::ffi::{CStr, c_void};
use std::panic::catch_unwind;
use std::ptr;

use napi::bindgen_prelude::*;
use napi::{JsError, sys};

use super::given::Given;

/// What such a function does with its arguments: the place of a type, and a value.
pub(crate) type EmitFunction = fn(&Env, u32, Given<'_>) -> Result<bool>;

/// Adds the function to the exports. Where it returns true, JavaScript gets `undefined`, which costs no call.
pub(crate) fn export(
    env: &Env,
    exports: &Object<'_>,
    name: &CStr,
    function: EmitFunction,
) -> Result<()> {
    let length = isize::try_from(name.count_bytes()).unwrap_or_default();
    let mut value = ptr::null_mut();
    // SAFETY: the name lives as long as the call; the pointer that is kept is one to a function.
    check(unsafe {
        sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            length,
            Some(call),
            function as *mut c_void,
            &raw mut value,
        )
    })?;
    // SAFETY: both values belong to the environment of the running call.
    check(unsafe { sys::napi_set_named_property(env.raw(), exports.raw(), name.as_ptr(), value) })
}

unsafe extern "C" fn call(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: both are those of the running call.
    let outcome = catch_unwind(|| unsafe { answer(env, info) });
    let outcome = outcome.map_err(panic_to_error).and_then(|result| result);
    outcome.unwrap_or_else(|error| {
        // SAFETY: the environment is the one of the running call.
        unsafe { JsError::from(error).throw_into(env) };
        ptr::null_mut()
    })
}

/// Reads the arguments and calls the function.
///
/// # Safety
/// `env` and `info` are those of the running call of a function that [`export`] has made.
#[inline]
unsafe fn answer(env: sys::napi_env, info: sys::napi_callback_info) -> Result<sys::napi_value> {
    let (mut count, mut arguments) = (2, [ptr::null_mut(); 2]);
    let (mut function, mut place) = (ptr::null_mut(), 0);
    // SAFETY: as many arguments are written as there is room for; missing ones become `undefined`.
    check(unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut function,
        )
    })?;
    // SAFETY: the value is one of the running call.
    check(unsafe { sys::napi_get_value_uint32(env, arguments[0], &raw mut place) })?;
    // SAFETY: `export` has given this pointer to the function.
    let function = unsafe { std::mem::transmute::<*mut c_void, EmitFunction>(function) };
    // SAFETY: the value is one of the running call.
    let value = unsafe { Given::from_napi_value(env, arguments[1]) }?;
    if function(&Env::from_raw(env), place, value)? {
        return Ok(ptr::null_mut());
    }
    // SAFETY: the environment is the one of the running call.
    unsafe { bool::to_napi_value(env, false) }
}

fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(Error::new(Status::from(status), "a call of `emit` failed"))
}
