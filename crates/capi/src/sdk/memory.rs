//! The last error, and memory.

use std::ffi::{c_char, c_void};

use crate::boundary::{loopwire_free, loopwire_last_error_message};

/// The text of the last error of this thread; the empty text if there was none. Give it back with `FreeBuf`.
///
/// Where nothing else says whether a function has worked, it does: it is empty after a function that returns nothing, and after
/// `IsRunningPort`, `CheckPortAvailable`, `TestPort` and `GetEnableAutoRenew`, if they have worked. A success of another function
/// does not change it.
#[unsafe(no_mangle)]
pub extern "C" fn SDKGetLastError() -> *mut c_char {
    loopwire_last_error_message()
}

/// Frees a text or an array that the library handed out. NULL is allowed.
///
/// # Safety
/// `p` is NULL, or came from this library and was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FreeBuf(p: *mut c_void) {
    // SAFETY: as the caller has promised.
    unsafe { loopwire_free(p) };
}
