//! Checks arguments before anything starts: napi-rs itself turns NaN into 0 and -1 into 4294967295.

use std::ops::RangeInclusive;
use std::time::Duration;

use napi::ValueType;
use napi::bindgen_prelude::*;

use super::errors::{Class, Failure, Outcome};

/// A day in milliseconds: above it most times would have no effect.
pub(crate) const DAY: u64 = 86_400_000;

/// The longest id: events repeat it, and one of megabytes could not be published.
const MAX_ID_CHARS: usize = 1024;

/// How much of an unknown option is looked at: comparing takes time and memory with the square of the length.
const MAX_KEY_CHARS: usize = 40;

/// The name of a value's type in an error text.
pub(crate) fn kind(value: &Unknown<'_>) -> &'static str {
    match value.get_type() {
        Ok(ValueType::Undefined) => "undefined",
        Ok(ValueType::Null) => "null",
        Ok(ValueType::Boolean) => "a boolean",
        Ok(ValueType::Number) => "a number",
        Ok(ValueType::String) => "a string",
        Ok(ValueType::Symbol) => "a symbol",
        Ok(ValueType::Object) => "an object",
        Ok(ValueType::Function) => "a function",
        Ok(ValueType::BigInt) => "a bigint",
        _ => "something else",
    }
}

fn is(value: &Unknown<'_>, wanted: ValueType) -> bool {
    value.get_type().is_ok_and(|kind| kind == wanted)
}

pub(crate) fn is_missing(value: &Unknown<'_>) -> bool {
    is(value, ValueType::Undefined)
}

pub(crate) fn is_null(value: &Unknown<'_>) -> bool {
    is(value, ValueType::Null)
}

pub(crate) fn number(value: Unknown<'_>, name: &str) -> Outcome<f64> {
    let wrong = Failure::wrong_type(name, "a number", kind(&value));
    if is(&value, ValueType::Number) {
        f64::from_unknown(value).map_err(|_| wrong)
    } else {
        Err(wrong)
    }
}

/// A whole number inside `range`.
pub(crate) fn integer(value: Unknown<'_>, name: &str, range: RangeInclusive<u64>) -> Outcome<u64> {
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
pub(crate) fn size(value: Unknown<'_>, name: &str, range: RangeInclusive<u64>) -> Outcome<usize> {
    Ok(usize::try_from(integer(value, name, range)?).unwrap_or(usize::MAX))
}

/// As [`integer`], for a time in milliseconds.
pub(crate) fn millis(
    value: Unknown<'_>,
    name: &str,
    range: RangeInclusive<u64>,
) -> Outcome<Duration> {
    integer(value, name, range).map(Duration::from_millis)
}

/// A port as Node's servers take it; 0 asks for any.
pub(crate) fn port(value: Unknown<'_>, name: &str) -> Outcome<u16> {
    let number = number(value, name)?;
    let whole = integer(value, name, 0..=65_535)
        .ok()
        .and_then(|port| u16::try_from(port).ok());
    whole.ok_or_else(|| {
        Failure::new(
            Class::Range,
            "ERR_SOCKET_BAD_PORT",
            format!("{name} must be a whole number from 0 to 65535, not {number}"),
        )
    })
}

pub(crate) fn string(value: Unknown<'_>, name: &str) -> Outcome<String> {
    let wrong = Failure::wrong_type(name, "a string", kind(&value));
    if is(&value, ValueType::String) {
        String::from_unknown(value).map_err(|_| wrong)
    } else {
        Err(wrong)
    }
}

/// A string for the system, which ends strings at a NUL character.
pub(crate) fn text(value: Unknown<'_>, name: &str) -> Outcome<String> {
    let text = string(value, name)?;
    if text.contains('\0') {
        return Err(Failure::invalid(format!("{name} contains a NUL character")));
    }
    Ok(text)
}

pub(crate) fn boolean(value: Unknown<'_>, name: &str) -> Outcome<bool> {
    let wrong = Failure::wrong_type(name, "a boolean", kind(&value));
    if is(&value, ValueType::Boolean) {
        bool::from_unknown(value).map_err(|_| wrong)
    } else {
        Err(wrong)
    }
}

pub(crate) fn function(value: &Unknown<'_>, name: &str) -> Outcome<()> {
    if is(value, ValueType::Function) {
        Ok(())
    } else {
        Err(Failure::wrong_type(name, "a function", kind(value)))
    }
}

/// A switch of the SDK's integer functions: 0 or 1.
pub(crate) fn switch(value: Unknown<'_>, name: &str) -> Outcome<bool> {
    integer(value, name, 0..=1).map(|on| on == 1)
}

/// A port that can be forwarded. 0 is refused: it would mean any port, and clients could not know which.
pub(crate) fn forwarded_port(value: Unknown<'_>, name: &str) -> Outcome<u16> {
    match port(value, name)? {
        0 => Err(Failure::new(
            Class::Range,
            "ERR_SOCKET_BAD_PORT",
            format!("{name} must be from 1 to 65535, not 0"),
        )),
        port => Ok(port),
    }
}

/// The id of a request or of a proxy, or another word that its events repeat.
pub(crate) fn id(value: Unknown<'_>, name: &str) -> Outcome<String> {
    let id = string(value, name)?;
    if id.len() > MAX_ID_CHARS && id.chars().nth(MAX_ID_CHARS).is_some() {
        let expected = format!("at most {MAX_ID_CHARS} characters long");
        let got = id.chars().count().to_string();
        return Err(Failure::out_of_range(name, &expected, &got));
    }
    Ok(id)
}

pub(crate) fn id_or(value: Unknown<'_>, name: &str, default: &str) -> Outcome<String> {
    if is_missing(&value) {
        Ok(default.to_owned())
    } else {
        id(value, name)
    }
}

pub(crate) fn string_or(value: Unknown<'_>, name: &str, default: &str) -> Outcome<String> {
    if is_missing(&value) {
        Ok(default.to_owned())
    } else {
        string(value, name)
    }
}

/// Ports: a `Uint32Array` or an array of numbers; `count`, if given, is how many of them are used.
pub(crate) fn ports(value: Unknown<'_>, name: &str, count: Unknown<'_>) -> Outcome<Vec<u16>> {
    let wrong = Failure::wrong_type(name, "a Uint32Array or an array of ports", kind(&value));
    let mut all = Vec::new();
    if Array::from_unknown(value).is_ok_and(|array| array.is_array().unwrap_or(false)) {
        let array = Array::from_unknown(value).map_err(|_| wrong.clone())?;
        for at in 0..array.len() {
            let entry: Option<Unknown<'_>> = array.get(at).map_err(|_| wrong.clone())?;
            let entry = entry.ok_or_else(|| wrong.clone())?;
            all.push(forwarded_port(entry, &format!("{name}[{at}]"))?);
        }
    } else {
        let array = Uint32Array::from_unknown(value).map_err(|_| wrong)?;
        for (at, &port) in array.iter().enumerate() {
            let port = u16::try_from(port).ok().filter(|&port| port > 0);
            all.push(port.ok_or_else(|| {
                Failure::out_of_range(
                    &format!("{name}[{at}]"),
                    "a port from 1 to 65535",
                    &array[at].to_string(),
                )
            })?);
        }
    }
    if !is_missing(&count) {
        all.truncate(size(count, "n", 0..=all.len() as u64)?);
    }
    Ok(all)
}

/// JSON: a string or a Buffer of UTF-8; `length`, if given, is how many of its bytes are used.
pub(crate) fn json(value: Unknown<'_>, name: &str, length: Option<Unknown<'_>>) -> Outcome<String> {
    let mut bytes = if is(&value, ValueType::String) {
        string(value, name)?.into_bytes()
    } else {
        let wrong = Failure::wrong_type(name, "a string or a Buffer of JSON", kind(&value));
        let bytes = Uint8Array::from_unknown(value).map_err(|_| wrong)?;
        bytes.to_vec()
    };
    if let Some(length) = length.filter(|length| !is_missing(length)) {
        bytes.truncate(size(length, "len", 0..=bytes.len() as u64)?);
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(
            Class::Type,
            "ERR_INVALID_ARG_VALUE",
            format!("{name} must be UTF-8"),
        )
    })
}

/// Bytes: a string as UTF-8, or a Uint8Array (a Buffer is one), copied.
pub(crate) fn bytes(value: Unknown<'_>, name: &str) -> Outcome<Vec<u8>> {
    if is(&value, ValueType::String) {
        return string(value, name).map(String::into_bytes);
    }
    let wrong = Failure::wrong_type(name, "a string or a Uint8Array", kind(&value));
    Uint8Array::from_unknown(value)
        .map(|bytes| bytes.to_vec())
        .map_err(|_| wrong)
}

/// A list of strings.
pub(crate) fn strings(value: Unknown<'_>, name: &str) -> Outcome<Vec<String>> {
    let wrong = Failure::wrong_type(name, "an array of strings", kind(&value));
    let array = Array::from_unknown(value).map_err(|_| wrong.clone())?;
    let mut all = Vec::new();
    for at in 0..array.len() {
        let entry: Option<Unknown<'_>> = array.get(at).map_err(|_| wrong.clone())?;
        let Some(entry) = entry else {
            return Err(wrong);
        };
        all.push(string(entry, &format!("{name}[{at}]"))?);
    }
    Ok(all)
}

/// The entries of an options object; every key must be one of `known`.
pub(crate) fn options<'env>(
    value: Unknown<'env>,
    name: &str,
    known: &[&str],
) -> Outcome<Vec<(String, Unknown<'env>)>> {
    if is_missing(&value) {
        return Ok(Vec::new());
    }
    let wrong = Failure::wrong_type(name, "an object", kind(&value));
    if !is(&value, ValueType::Object) {
        return Err(wrong);
    }
    let object = Object::from_unknown(value).map_err(|_| wrong.clone())?;
    if object.is_array().unwrap_or(false) {
        return Err(Failure::wrong_type(name, "an object", "an array"));
    }
    let mut entries = Vec::new();
    for key in Object::keys(&object).map_err(|_| wrong.clone())? {
        if !known.contains(&key.as_str()) {
            return Err(unknown_key(&key, name, known));
        }
        let value: Unknown<'_> = object
            .get_named_property_unchecked(&key)
            .map_err(|_| wrong.clone())?;
        // As in Node: an option that is undefined was not given.
        if !is_missing(&value) {
            entries.push((key, value));
        }
    }
    Ok(entries)
}

fn unknown_key(key: &str, name: &str, known: &[&str]) -> Failure {
    let shown: String = key.chars().take(MAX_KEY_CHARS).collect();
    let nearest = known
        .iter()
        .min_by_key(|option| strsim::damerau_levenshtein(option, &shown));
    let hint = nearest
        .map(|nearest| format!("; did you mean {nearest}?"))
        .unwrap_or_default();
    Failure::new(
        Class::Type,
        "ERR_UNKNOWN_OPTION",
        format!("{name} has no option {shown}{hint}"),
    )
}
