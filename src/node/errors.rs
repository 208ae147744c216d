//! Failures become errors of JavaScript, with a class, a stable `code` and more keys.
#![expect(
    unsafe_code,
    reason = "napi-rs makes no TypeError or RangeError with further keys"
)]

use std::ptr;

use loopwire_runtime::{Class, Failure, Key, Outcome};
use napi::bindgen_prelude::*;
use napi::sys;

const fn name(class: Class) -> &'static str {
    match class {
        Class::Error => "Error",
        Class::Type => "TypeError",
        Class::Range => "RangeError",
    }
}

/// The error object, for lib/native.js, which makes the caller's own of it.
pub(crate) fn error<'env>(env: &'env Env, failure: &Failure) -> Result<Object<'env>> {
    let code = env.create_string(failure.code())?;
    let message = env.create_string(failure.message())?;
    let mut error = ptr::null_mut();
    let create = match failure.class() {
        Class::Error => sys::napi_create_error,
        Class::Type => sys::napi_create_type_error,
        Class::Range => sys::napi_create_range_error,
    };
    // SAFETY: all three values belong to the environment of the running call.
    let status = unsafe { create(env.raw(), code.raw(), message.raw(), &raw mut error) };
    if status != sys::Status::napi_ok {
        return Err(Error::new(
            Status::from(status),
            "the error could not be made",
        ));
    }
    let mut object = Object::from_raw(env.raw(), error);
    object.set("nativeClass", name(failure.class()))?;
    for (name, key) in failure.keys() {
        match key {
            Key::Text(text) => object.set(name, text.as_str())?,
            Key::Number(number) => object.set(name, *number)?,
        };
    }
    if let Some(cause) = failure.cause() {
        object.set("cause", self::error(env, cause)?)?;
    }
    Ok(object)
}

/// Throws the failure. The result only tells napi-rs that an exception is pending.
pub(crate) fn throw<T>(env: &Env, failure: &Failure) -> Result<T> {
    let error = error(env, failure)?;
    // SAFETY: the value belongs to the environment of the running call.
    unsafe { sys::napi_throw(env.raw(), error.raw()) };
    Err(Error::new(Status::PendingException, ""))
}

/// Throws the failure, if there is one.
pub(crate) fn throwing<T>(env: &Env, outcome: Outcome<T>) -> Result<T> {
    outcome.or_else(|failure| throw(env, &failure))
}
