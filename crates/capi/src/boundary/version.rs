//! The version of the library.

use std::ffi::c_char;

/// The version of the library, such as "0.1.0". The text stays for ever: do not free it.
///
/// `LOOPWIRE_VERSION` is that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn loopwire_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
