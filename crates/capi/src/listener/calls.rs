//! What a listener does for the application: sending, closing one connection, another token.

use std::ffi::c_char;

use loopwire_channel::SendError;
use loopwire_runtime::argument as args;
use loopwire_runtime::{Failure, option};

use super::control::listener;
use super::handle::LoopwireListener;
use crate::boundary::{LoopwireResult, bytes_in, call, optional_text, text, text_out};

/// Sends a message to one connection: `len` bytes of `data`, as a binary message or, if `is_binary` is false, as text, which must
/// be UTF-8.
///
/// `connection_id` is an id of `loopwire_listener_connections` and of the callbacks. Does not wait. Fails with
/// `LOOPWIRE_RESULT_FAILED` and the code `ERR_NO_CONNECTION` if that connection is gone, and `ERR_CONNECTION_FULL` if it does not
/// read and 8 MiB wait for it already, or if it is closing.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `connection_id` is NULL or ends with a NUL; `data` is NULL or has `len`
/// bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_send(
    listener: *const LoopwireListener,
    connection_id: *const c_char,
    data: *const c_char,
    len: usize,
    is_binary: bool,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (listener, id, data) = unsafe {
            (
                self::listener(listener)?,
                text(connection_id, "connection_id")?,
                bytes_in(data.cast(), len, "data", "len")?,
            )
        };
        let id = args::string(id, "connection_id")?;
        if !is_binary && std::str::from_utf8(data).is_err() {
            return Err(Failure::invalid(
                "data must be UTF-8, or is_binary must be true",
            ));
        }
        Ok(listener.listener.send(&id, data, is_binary)?)
    })
}

/// Closes one connection with code 4001. Does not wait.
///
/// Fails with `LOOPWIRE_RESULT_FAILED` and the code `ERR_NO_CONNECTION` if there is no connection with that id, or if it is closing
/// already.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `connection_id` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_disconnect(
    listener: *const LoopwireListener,
    connection_id: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (listener, id) = unsafe {
            (
                self::listener(listener)?,
                text(connection_id, "connection_id")?,
            )
        };
        let id = args::string(id, "connection_id")?;
        if listener.listener.disconnect(&id) {
            Ok(())
        } else {
            Err(SendError::Unknown.into())
        }
    })
}

/// Replaces the token. The old one is refused from now on, and its connections are closed with code 4003.
///
/// `next` is the new token, or NULL: then one of 256 random bits is made. `out`, unless NULL, receives the new token; give it back
/// with `loopwire_free`. Fails with `LOOPWIRE_RESULT_INVALID_TOKEN`; the old token then stays.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `next` is NULL or ends with a NUL; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_rotate_token(
    listener: *const LoopwireListener,
    next: *const c_char,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (listener, next) = unsafe { (self::listener(listener)?, optional_text(next, "next")?) };
        let next = option::next_token(next)?;
        let text = next.reveal().to_owned();
        if !out.is_null() {
            // SAFETY: as the caller has promised. Handed out first: a token that nobody knows must not replace one.
            unsafe { text_out(out, &text) }?;
        }
        listener.listener.rotate_token(next);
        Ok(())
    })
}
