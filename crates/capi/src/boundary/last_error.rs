//! The last failure of each thread.

use std::cell::RefCell;
use std::ffi::c_char;

use loopwire_runtime::Failure;

use super::output::allocated;

thread_local! {
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// Keeps it for this thread.
pub(super) fn keep(failure: Failure) {
    // A thread that ends calls no more.
    let _ = LAST.try_with(|last| last.replace(Some(failure)));
}

/// Forgets it.
pub(crate) fn forget() {
    let _ = LAST.try_with(|last| last.take());
}

fn last(part: impl FnOnce(&Failure) -> String) -> *mut c_char {
    let text = LAST.try_with(|last| last.borrow().as_ref().map(part));
    allocated(text.ok().flatten().unwrap_or_default().as_bytes()).cast()
}

/// The text of the last failure of this thread; the empty text if there was none.
///
/// A success does not change it, but for those functions without a handle that `SDKGetLastError` names. Never NULL unless there
/// is no memory. Give it back with `loopwire_free`.
#[unsafe(no_mangle)]
pub extern "C" fn loopwire_last_error_message() -> *mut c_char {
    last(|failure| match failure.cause() {
        // What the system said belongs to it; the functions of the SDK's page have it in the text already.
        Some(cause) if !failure.message().contains(cause.message()) => {
            format!("{}: {}", failure.message(), cause.message())
        }
        _ => failure.message().to_owned(),
    })
}

/// The code of the last failure of this thread, such as `EADDRINUSE`; the empty text if there was none.
///
/// It is the same as `error.code` in JavaScript. Give it back with `loopwire_free`.
#[unsafe(no_mangle)]
pub extern "C" fn loopwire_last_error_code() -> *mut c_char {
    last(|failure| failure.code().to_owned())
}
