//! Texts that C gives.

use std::ffi::{CStr, c_char, c_int};

use loopwire_runtime::argument as args;
use loopwire_runtime::{Failure, Outcome};
use serde_json::Value;

use super::given::Given;

/// A text. NULL is no text.
///
/// # Safety
/// `text` is NULL, or ends with a NUL and does not change during the call.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Outcome<Given<'a>> {
    if text.is_null() {
        return Ok(Given::Null);
    }
    // SAFETY: as the caller has promised.
    match unsafe { CStr::from_ptr(text) }.to_str() {
        Ok(text) => Ok(Given::Text(text)),
        Err(_) => Err(Failure::invalid(format!("{name} must be UTF-8"))),
    }
}

/// A text that may be left out: NULL.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(given: *const c_char, name: &str) -> Outcome<Given<'a>> {
    if given.is_null() {
        return Ok(Given::Missing);
    }
    // SAFETY: as the caller has promised.
    unsafe { text(given, name) }
}

/// Options: the text of a JSON object. NULL is none.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn json(given: *const c_char, name: &str) -> Outcome<Option<Value>> {
    // SAFETY: as the caller has promised.
    match unsafe { optional_text(given, name) }? {
        Given::Text(text) => match loopwire_channel::json::read(text) {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Failure::invalid(format!("{name} must be JSON"))),
        },
        _ => Ok(None),
    }
}

/// A text of at most `len` bytes, which may end before, with a NUL. NULL is no text.
///
/// # Safety
/// `text` is NULL, or has `len` bytes or ends with a NUL, and does not change during the call.
pub(crate) unsafe fn counted_text<'a>(text: *const c_char, len: i64) -> Outcome<Given<'a>> {
    let most = usize::try_from(len)
        .map_err(|_| Failure::out_of_range("len", "0 or more", &len.to_string()))?;
    if text.is_null() {
        return Ok(Given::Null);
    }
    // SAFETY: as the caller has promised; it looks no further than the NUL.
    Ok(Given::Bytes(unsafe {
        let len = libc::strnlen(text, most);
        std::slice::from_raw_parts(text.cast(), len)
    }))
}

/// Ports that C gives: an array and how many they are. NULL is allowed for none.
///
/// # Safety
/// `ports` is NULL or has `n` numbers.
pub(crate) unsafe fn ports_in(ports: *const u32, n: c_int, name: &str) -> Outcome<Vec<u16>> {
    // There are no more ports. A number of another thing must not have memory of others read.
    let count = usize::from(u16::try_from(n).map_err(|_| {
        Failure::out_of_range("n", "a whole number from 0 to 65535", &n.to_string())
    })?);
    let words: &[u32] = match (ports.is_null(), count) {
        (_, 0) => &[],
        (true, _) => return Err(Failure::invalid(format!("{name} must not be NULL"))),
        // SAFETY: as the caller has promised.
        (false, _) => unsafe { std::slice::from_raw_parts(ports, count) },
    };
    args::ports(Given::Words(words), name, Given::Missing)
}

/// The most that memory can have in one piece: what is more was a negative number before.
const MAX_LEN: usize = isize::MAX.cast_unsigned();

/// Bytes that C gives, and how many they are, in the argument `len_name`. NULL is allowed for none.
///
/// # Safety
/// `bytes` is NULL or has `len` bytes, which do not change during the call.
pub(crate) unsafe fn bytes_in<'a>(
    bytes: *const u8,
    len: usize,
    name: &str,
    len_name: &str,
) -> Outcome<&'a [u8]> {
    match (bytes.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Failure::invalid(format!("{name} must not be NULL"))),
        (false, MAX_LEN..) => {
            let expected = "what there is at most in memory";
            Err(Failure::out_of_range(len_name, expected, &len.to_string()))
        }
        // SAFETY: as the caller has promised.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(bytes, len) }),
    }
}
