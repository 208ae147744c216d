//! Versions.

use std::ffi::c_char;
use std::ptr;

use loopwire_runtime::{VERSION, VERSION_INFO};

use crate::boundary::{call, text_out};

fn copy(text: &str) -> *mut c_char {
    let mut out = ptr::null_mut();
    // SAFETY: the place is here.
    call(|| unsafe { text_out(&raw mut out, text) });
    out
}

/// The full version text, such as "loopwire/0.1.0". Give it back with `FreeBuf`.
#[unsafe(no_mangle)]
pub extern "C" fn GetVersionInfo() -> *mut c_char {
    copy(VERSION_INFO)
}

/// The version alone, such as "0.1.0". Give it back with `FreeBuf`. See `loopwire_version`.
#[unsafe(no_mangle)]
pub extern "C" fn GetVersionCode() -> *mut c_char {
    copy(VERSION)
}
