//! What the published functions return.

use std::ffi::{c_char, c_int};
use std::ptr;

use super::default::on_default;
use crate::boundary::{LoopwireResult, forget_last_error};
use crate::runtime::LoopwireRuntime;

/// Of a function that is published as `void`: after it has done its work, there is no last error. Nothing else can tell.
pub(super) fn nothing(result: LoopwireResult) {
    if result == LoopwireResult::Ok {
        forget_last_error();
    }
}

/// Of an integer function: 0, or 1 for a failure.
pub(super) const fn integer(result: LoopwireResult) -> c_int {
    match result {
        LoopwireResult::Ok => 0,
        _ => 1,
    }
}

/// The same as `GoUint8`.
pub(super) const fn byte(result: LoopwireResult) -> u8 {
    match result {
        LoopwireResult::Ok => 0,
        _ => 1,
    }
}

/// The same as `GoInt`.
pub(super) const fn long(result: LoopwireResult) -> i64 {
    match result {
        LoopwireResult::Ok => 0,
        _ => 1,
    }
}

/// Of a function that answers a question: true, or false for no and for a failure. After an answer there is no last error:
/// nothing else tells the two apart.
pub(super) fn answer(
    ask: impl FnOnce(*const LoopwireRuntime, *mut bool) -> LoopwireResult,
) -> bool {
    let mut answer = false;
    nothing(on_default(|runtime| ask(runtime, &raw mut answer)));
    answer
}

/// Of a function that reads a number: that number, or -1 for a failure.
pub(super) fn number(read: impl FnOnce(*const LoopwireRuntime, *mut i64) -> LoopwireResult) -> i64 {
    let mut number = 0;
    match on_default(|runtime| read(runtime, &raw mut number)) {
        LoopwireResult::Ok => number,
        _ => -1,
    }
}

/// Of a function that reads a text: that text, or NULL for a failure.
pub(super) fn text(
    read: impl FnOnce(*const LoopwireRuntime, *mut *mut c_char) -> LoopwireResult,
) -> *mut c_char {
    let mut text = ptr::null_mut();
    on_default(|runtime| read(runtime, &raw mut text));
    text
}

/// A port that was given without a sign. What is too large for one stays too large.
pub(super) fn signed(port: u32) -> c_int {
    c_int::try_from(port).unwrap_or(c_int::MAX)
}
