//! The settings of a runtime, and what needs none.

use std::ffi::{c_char, c_int};

use loopwire_channel::Token;
use loopwire_runtime::option;

use super::handle::{LoopwireRuntime, runtime};
use crate::boundary::{Given, LoopwireResult, call, handle_out, json, text_out};

/// Changes settings; those that are left out stay.
///
/// `settings` is JSON text: `{journalBytes?, journalEvents?, connectTimeoutMs?, handshakeTimeoutMs?, firstByteTimeoutMs?,
/// idleTimeoutMs?, idleCheckMs?, probe?: {host, port} | null, rotateOnError?: boolean, allowProviderDirect?: boolean}`.
/// docs/api.md, `configure`, says what each does, with its range and its default. `journalBytes` and `journalEvents` can be
/// set before the journal's first use (a listener, a callback, an event); afterwards other values fail with
/// `ERR_JOURNAL_IN_USE`. Other settings apply to what begins later. If one is wrong, none is changed.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; `settings` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_runtime_configure(
    runtime: *const LoopwireRuntime,
    settings: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (handle, given) = unsafe { (self::runtime(runtime)?, json(settings, "settings")?) };
        let runtime = handle.get()?;
        // Two calls at once must not undo each other.
        let _one = handle.0.configuring.lock();
        let given = Given::required(given.as_ref());
        let changed = option::settings(given, runtime.settings())?;
        Ok(runtime.configure(changed)?)
    })
}

/// Makes a token of `bytes` random bytes, 12 to 192; 32 are usual. `out` receives its text in base64url; give it back with
/// `loopwire_free`.
///
/// # Safety
/// `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_generate_token(
    bytes: c_int,
    out: *mut *mut c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { handle_out(out, "out") }?;
        let bytes = option::token_bytes(Given::Integer(bytes.into()))?;
        let token = Token::generate(bytes)?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { text_out(out, token.reveal()) }
    })
}
