//! Numbers, truth values and functions.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::argument::Argument;
use crate::failure::{Failure, Outcome};

/// A day in milliseconds: above it most times would have no effect.
pub const DAY: u64 = 86_400_000;

/// The largest whole number of JavaScript.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// A number, whatever it is.
///
/// # Errors
/// Another type.
pub fn number<A: Argument>(value: A, name: &str) -> Outcome<f64> {
    value
        .number()
        .ok_or_else(|| Failure::wrong_type(name, "a number", value.kind()))
}

/// A whole number inside `range`.
///
/// # Errors
/// Another type, another number.
pub fn integer<A: Argument>(value: A, name: &str, range: RangeInclusive<u64>) -> Outcome<u64> {
    let number = number(value, name)?;
    let (low, high) = (*range.start(), *range.end());
    // All bounds are far below 2^53, up to which every whole number is exact.
    #[expect(clippy::cast_precision_loss, reason = "bounds lie below 2^53")]
    let fits = number.fract() == 0.0 && number >= low as f64 && number <= high as f64;
    if fits {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and inside the range"
        )]
        return Ok(number as u64);
    }
    let expected = format!("a whole number from {low} to {high}");
    Err(Failure::out_of_range(name, &expected, &number.to_string()))
}

/// As [`integer`], for a number of things or bytes.
///
/// # Errors
/// Another type, another number.
pub fn size<A: Argument>(value: A, name: &str, range: RangeInclusive<u64>) -> Outcome<usize> {
    Ok(usize::try_from(integer(value, name, range)?).unwrap_or(usize::MAX))
}

/// As [`integer`], for a time in milliseconds.
///
/// # Errors
/// Another type, another number.
pub fn millis<A: Argument>(value: A, name: &str, range: RangeInclusive<u64>) -> Outcome<Duration> {
    integer(value, name, range).map(Duration::from_millis)
}

/// A number inside the range, or none for "no limit".
///
/// # Errors
/// Another type, another number.
pub fn for_ever<A: Argument>(
    value: A,
    name: &str,
    range: RangeInclusive<u64>,
) -> Outcome<Option<u64>> {
    if value.is_unlimited() {
        return Ok(None);
    }
    integer(value, name, range).map(Some)
}

/// A switch of the SDK's integer functions: 0 or 1.
///
/// # Errors
/// Another type, another number.
pub fn switch<A: Argument>(value: A, name: &str) -> Outcome<bool> {
    integer(value, name, 0..=1).map(|on| on == 1)
}

/// A truth value.
///
/// # Errors
/// Another type.
pub fn boolean<A: Argument>(value: A, name: &str) -> Outcome<bool> {
    value
        .boolean()
        .ok_or_else(|| Failure::wrong_type(name, "a boolean", value.kind()))
}

/// A function, which stays with the caller.
///
/// # Errors
/// Another type.
pub fn function<A: Argument>(value: &A, name: &str) -> Outcome<()> {
    if value.is_function() {
        Ok(())
    } else {
        Err(Failure::wrong_type(name, "a function", value.kind()))
    }
}
