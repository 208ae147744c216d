//! Handing out texts of JSON.

use std::ffi::c_char;

use loopwire_runtime::Outcome;
use serde_json::Value;

use crate::boundary::{handle_out, text_out};

/// Checks a place for a text that the caller may do without: NULL.
///
/// # Safety
/// `out` is NULL or can be written.
pub(super) unsafe fn optional_out(out: *mut *mut c_char, name: &str) -> Outcome<()> {
    if out.is_null() {
        return Ok(());
    }
    // SAFETY: as the caller has promised.
    unsafe { handle_out(out, name) }
}

/// Hands a value out as JSON, unless `out` is NULL.
///
/// # Safety
/// `out` is NULL or can be written.
pub(super) unsafe fn json_out(out: *mut *mut c_char, value: &Value) -> Outcome<()> {
    if out.is_null() {
        return Ok(());
    }
    // SAFETY: as the caller has promised.
    unsafe { text_out(out, &value.to_string()) }
}

/// Hands the id of a command or of an operation out: a text as it is, what a client has chosen otherwise as JSON.
///
/// # Safety
/// `out` can be written.
pub(super) unsafe fn id_out(out: *mut *mut c_char, id: &Value) -> Outcome<()> {
    let json = id.to_string();
    // SAFETY: as the caller has promised.
    unsafe { text_out(out, id.as_str().unwrap_or(&json)) }
}
