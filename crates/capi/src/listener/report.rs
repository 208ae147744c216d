//! What a listener tells of itself.

use std::borrow::Cow;
use std::ffi::c_char;

use loopwire_channel::{ConnectionReport, Listener};
use serde::Serialize;

use super::control::listener;
use super::handle::LoopwireListener;
use crate::boundary::{LoopwireResult, call, handle_out, len_out, number_out, text_out};

/// The bound port: the one that was asked for, or for 0 the one that the system chose. `out` receives it.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_port(
    listener: *const LoopwireListener,
    out: *mut u16,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            len_out(out, "out")?;
            number_out(out, self::listener(listener)?.listener.address().port());
        }
        Ok(())
    })
}

/// The bound address as JSON text: `{"address":"127.0.0.1","family":"IPv4","port":8881}`. `out` receives the text; give it back with
/// `loopwire_free`.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_address(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { report(listener, out, Listener::address_report) }
}

/// The URL for clients: `ws://127.0.0.1:{port}/ws/{token}`, or `wss://…` with the option `tls`. It contains the token: do not
/// log it. `out` receives the text; give it back with `loopwire_free`.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_url(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { told(listener, out, |listener| Some(listener.url().into())) }
}

/// The listener's certificate as PEM; a client trusts a self-signed one by it. NULL without the option `tls`. `out` receives
/// the text; give it back with `loopwire_free`.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_certificate(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe {
        told(listener, out, |listener| {
            let identity = listener.identity();
            identity.map(|identity| identity.certificate().into())
        })
    }
}

/// The SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it: pairs of hexadecimal digits with colons.
/// NULL without the option `tls`. `out` receives the text; give it back with `loopwire_free`.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_fingerprint(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe {
        told(listener, out, |listener| {
            let identity = listener.identity();
            identity.map(|identity| identity.fingerprint().into())
        })
    }
}

/// The open connections, oldest first, as JSON text: an array of `{id, v1, form, active, slot, silent, behind, connected,
/// lastPing}`, as `listener.connections()` gives in JavaScript; times are milliseconds since 1970. `out` receives the text; give it
/// back with `loopwire_free`.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_connections(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe {
        report(listener, out, |listener| {
            let open = listener.connections().into_iter();
            open.map(ConnectionReport::from).collect::<Vec<_>>()
        })
    }
}

/// The counters as JSON text: `{connections, opened, refused, seq, epoch, journalBytes, journalEvents, noticesLost}`, as
/// `listener.stats()` gives in JavaScript. `out` receives the text; give it back with `loopwire_free`.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_stats(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe { report(listener, out, Listener::stats) }
}

/// Whether a listener is closed, by whatever call: `loopwire_listener_close`, `StopCommunicate`, the end of its runtime. `out`
/// receives the answer.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_listener_is_closed(
    listener: *const LoopwireListener,
    out: *mut bool,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            len_out(out, "out")?;
            number_out(out, self::listener(listener)?.listener.is_closed());
        }
        Ok(())
    })
}

/// Hands a text out, or NULL.
///
/// # Safety
/// `listener` is NULL or a listener that was not freed; `out` can be written.
unsafe fn told(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
    text: impl FnOnce(&Listener) -> Option<Cow<'_, str>>,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe {
            handle_out(out, "out")?;
            match text(&self::listener(listener)?.listener) {
                Some(text) => text_out(out, &text),
                None => Ok(()),
            }
        }
    })
}

/// Hands a report out.
///
/// # Safety
/// As for [`told`].
unsafe fn report<T: Serialize>(
    listener: *const LoopwireListener,
    out: *mut *mut c_char,
    made: impl FnOnce(&Listener) -> T,
) -> LoopwireResult {
    // SAFETY: as the caller has promised.
    unsafe {
        told(listener, out, |listener| {
            serde_json::to_string(&made(listener)).ok().map(Cow::Owned)
        })
    }
}
