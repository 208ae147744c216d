//! The channel: a listener without callbacks.

use std::ffi::c_int;

use loopwire_runtime::option;

use super::default::on_default;
use super::results::nothing;
use super::types::LoopwireString;
use crate::boundary::{call, text};
use crate::listener::{loopwire_listeners_close, start};
use crate::runtime::runtime;

/// Starts the channel: a WebSocket server on `port` of 127.0.0.1, which admits clients that know `password`.
///
/// `comType` is 1 (WebSocket, the only kind). `port` is 0 to 65535; for 0 the system chooses one, which nobody is told:
/// `loopwire_listener_start` tells it. `password` has 1 to 256 of the characters `[0-9A-Za-z._~-]`. `SDKGetLastError()` is empty if it was
/// started; otherwise it says why not.
///
/// ```c
/// StartCommunicate(1, 8881, "abcd1234"); // ws://127.0.0.1:8881/ws/abcd1234
/// ```
///
/// # Safety
/// `password` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn StartCommunicate(comType: c_int, port: c_int, password: LoopwireString) {
    nothing(on_default(|default| {
        call(|| {
            option::channel(f64::from(comType), "comType")?;
            // SAFETY: the default runtime stays during the call; as the caller has promised.
            let (runtime, token) = unsafe { (runtime(default)?, text(password, "password")?) };
            // It runs without its handle, until `StopCommunicate` or `SafeExit`.
            start(runtime, port, token, None, None)?;
            Ok(())
        })
    }));
}

/// Stops the channel: closes every listener of the default runtime, also those of `loopwire_listener_start`.
///
/// Waits until their connections have ended, at most about two seconds, and until their callbacks have returned; inside a
/// callback it does not wait.
#[unsafe(no_mangle)]
pub extern "C" fn StopCommunicate() {
    // SAFETY: the default runtime stays during the call.
    nothing(on_default(|runtime| unsafe {
        loopwire_listeners_close(runtime)
    }));
}

/// The same as `StopCommunicate`, which the SDK's page spells like this in some places.
#[unsafe(no_mangle)]
pub extern "C" fn StopComunicate() {
    StopCommunicate();
}
