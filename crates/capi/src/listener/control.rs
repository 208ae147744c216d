//! Opening and closing listeners.

use std::ffi::{c_char, c_int, c_void};

use loopwire_runtime::{Failure, Outcome};

use super::handle::{LoopwireListener, start};
use crate::boundary::{CallbackMask, LoopwireResult, call, handle_out, json, number_out, text};
use crate::runtime::{LoopwireRuntime, runtime};
use crate::sink::{
    LoopwireConnectionCallback, LoopwireEventCallback, LoopwireMessageCallback,
    LoopwireOriginCallback, Target,
};

/// The functions that a listener calls, all from one thread of its own, one at a time. Each may be NULL.
///
/// Initialise it with zeros, and set what you need.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LoopwireListenerCallbacks {
    /// For each event of the runtime from now on. While it is far behind, asynchronous sources wait for it.
    pub event: LoopwireEventCallback,
    /// For each message of a client that is no command. NULL: such a message is answered with `NOT_ENABLED`.
    pub message: LoopwireMessageCallback,
    /// For each change of a connection. At most 4,096 changes wait; then the oldest are dropped and counted in `noticesLost`.
    pub connection: LoopwireConnectionCallback,
    /// For each web page that was refused. NULL: nobody is told, except by `LOOPWIRE_LOG=warn` in the environment.
    pub refused_origin: LoopwireOriginCallback,
}

/// Opens a listener: binds `port` of 127.0.0.1, or of the option `host`, and admits clients that know `token`.
///
/// `port` is 0 to 65535; for 0 the system chooses one (`loopwire_listener_port`). `token` has 1 to 256 of the characters
/// `[0-9A-Za-z._~-]`; with fewer than 16 random ones it can be guessed (`loopwire_generate_token`). `options` is JSON text, or
/// NULL: an object with the keys of `startEventListener` (host, tls, insecure, allowedHosts, allowedOrigins, allowFileOrigin,
/// delivery, detail, inspector, heartbeatMs, stallMs, maxMessageBytes, maxConnections). `callbacks` may be NULL, and is copied;
/// `userdata` is what they are called with. `out` receives the handle; free it with `loopwire_listener_free`.
///
/// Nothing is left behind if it fails: `LOOPWIRE_RESULT_ADDRESS_IN_USE`, `LOOPWIRE_RESULT_ADDRESS_UNUSABLE`,
/// `LOOPWIRE_RESULT_OUT_OF_RANGE` (the port), `LOOPWIRE_RESULT_INVALID_TOKEN`, `LOOPWIRE_RESULT_UNKNOWN_OPTION`,
/// `LOOPWIRE_RESULT_INSECURE_HOST`, `LOOPWIRE_RESULT_INVALID_ARGUMENT`.
///
/// ```c
/// loopwire_listener_callbacks callbacks = {.event = on_event, .message = on_message};
/// loopwire_listener *listener;
/// if (loopwire_listener_start(runtime, 8881, token, "{\"delivery\":\"all\"}", &callbacks, app, &listener)) fail();
/// ```
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `callbacks` is NULL or can be read, and
/// its functions may be called from another thread with `userdata`; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_start(
    runtime: *const LoopwireRuntime,
    port: c_int,
    token: *const c_char,
    options: *const c_char,
    callbacks: *const LoopwireListenerCallbacks,
    userdata: *mut c_void,
    out: *mut *mut LoopwireListener,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, token, options, callbacks) = unsafe {
            handle_out(out, "out")?;
            (
                self::runtime(runtime)?,
                text(token, "token")?,
                json(options, "options")?,
                callbacks.as_ref(),
            )
        };
        let target = callbacks.and_then(|callbacks| target(callbacks, userdata));
        let opened = start(runtime, port, token, options.as_ref(), target)?;
        // SAFETY: as the caller has promised.
        unsafe { number_out(out, Box::into_raw(Box::new(opened))) };
        Ok(())
    })
}

/// Nothing if no function was given.
fn target(callbacks: &LoopwireListenerCallbacks, userdata: *mut c_void) -> Option<Target> {
    let LoopwireListenerCallbacks {
        event,
        message,
        connection,
        refused_origin,
    } = *callbacks;
    let any =
        event.is_some() || message.is_some() || connection.is_some() || refused_origin.is_some();
    any.then_some(Target {
        event,
        message,
        connection,
        refused_origin,
        userdata,
        mask: CallbackMask::of_caller(),
    })
}

/// Closes a listener: the port is free, its functions are not called any more, clients are closed with code 1001.
///
/// Waits until the connections have ended, at most about two seconds, and until a running call of its functions has returned:
/// `userdata` may be freed then. Inside any callback it does not wait. It may be called again.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_close(
    listener: *const LoopwireListener,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::listener(listener) }?.close();
        Ok(())
    })
}

/// Closes a listener as `loopwire_listener_close` does, and frees the handle. NULL does nothing.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_free(listener: *mut LoopwireListener) -> LoopwireResult {
    call(|| {
        if !listener.is_null() {
            // SAFETY: as the caller has promised.
            unsafe { Box::from_raw(listener) }.close();
        }
        Ok(())
    })
}

/// Closes every listener of a runtime, as `loopwire_listener_close` does. Handles stay valid until they are freed.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listeners_close(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        runtime.close_listeners(runtime.get()?.listeners());
        Ok(())
    })
}

/// The listener behind a pointer.
///
/// # Safety
/// `pointer` is NULL or a listener that was not freed.
pub(super) unsafe fn listener<'a>(
    pointer: *const LoopwireListener,
) -> Outcome<&'a LoopwireListener> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("listener must not be NULL"))
}
