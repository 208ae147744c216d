//! Texts in UTF-16, as the system has them.

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt as _;

/// A text in UTF-16.
pub(super) fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().collect()
}

/// The same with a NUL at its end, for the system.
pub(super) fn ended(text: &[u16]) -> Vec<u16> {
    [text, &[0]].concat()
}
