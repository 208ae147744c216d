//! Texts and bytes.

use super::argument::Argument;
use super::number::size;
use crate::failure::{Failure, Outcome};

/// The longest id: events repeat it, and one of megabytes could not be published.
pub const MAX_ID_CHARS: usize = 1024;

/// A text.
///
/// # Errors
/// Another type.
pub fn string<A: Argument>(value: A, name: &str) -> Outcome<String> {
    value
        .text()
        .ok_or_else(|| Failure::wrong_type(name, "a string", value.kind()))
}

/// A text, or `default` if none was given.
///
/// # Errors
/// Another type.
pub fn string_or<A: Argument>(value: A, name: &str, default: &str) -> Outcome<String> {
    if value.is_missing() {
        Ok(default.to_owned())
    } else {
        string(value, name)
    }
}

/// A text for the system, which ends texts at a NUL character.
///
/// # Errors
/// Another type, a NUL character.
pub fn text<A: Argument>(value: A, name: &str) -> Outcome<String> {
    let text = string(value, name)?;
    if text.contains('\0') {
        return Err(Failure::invalid(format!("{name} contains a NUL character")));
    }
    Ok(text)
}

/// The id of a request or of a proxy, or another word that its events repeat.
///
/// # Errors
/// Another type, more than [`MAX_ID_CHARS`].
pub fn id<A: Argument>(value: A, name: &str) -> Outcome<String> {
    let id = string(value, name)?;
    if id.len() > MAX_ID_CHARS && id.chars().nth(MAX_ID_CHARS).is_some() {
        let expected = format!("at most {MAX_ID_CHARS} characters long");
        let got = id.chars().count().to_string();
        return Err(Failure::out_of_range(name, &expected, &got));
    }
    Ok(id)
}

/// As [`id`], or `default` if none was given.
///
/// # Errors
/// Another type, more than [`MAX_ID_CHARS`].
pub fn id_or<A: Argument>(value: A, name: &str, default: &str) -> Outcome<String> {
    if value.is_missing() {
        Ok(default.to_owned())
    } else {
        id(value, name)
    }
}

/// JSON: a text, or a buffer of UTF-8; `length`, if given, is how many of its bytes are used.
///
/// # Errors
/// Another type, a length that is larger than the buffer, what is not UTF-8.
pub fn json<A: Argument>(value: A, name: &str, length: Option<A>) -> Outcome<String> {
    let mut bytes = match value.text() {
        Some(text) => text.into_bytes(),
        None => value
            .bytes()
            .ok_or_else(|| Failure::wrong_type(name, A::TERMS.json, value.kind()))?,
    };
    if let Some(length) = length.filter(|length| !length.is_missing()) {
        bytes.truncate(size(length, "len", 0..=bytes.len() as u64)?);
    }
    String::from_utf8(bytes).map_err(|_| Failure::invalid(format!("{name} must be UTF-8")))
}

/// Bytes: a text as UTF-8, or a buffer, copied.
///
/// # Errors
/// Another type.
pub fn bytes<A: Argument>(value: A, name: &str) -> Outcome<Vec<u8>> {
    match value.text() {
        Some(text) => Ok(text.into_bytes()),
        None => value
            .bytes()
            .ok_or_else(|| Failure::wrong_type(name, A::TERMS.bytes, value.kind())),
    }
}

/// A list of texts.
///
/// # Errors
/// Another type, also of an entry.
pub fn strings<A: Argument>(value: A, name: &str) -> Outcome<Vec<String>> {
    let list = value
        .list()
        .ok_or_else(|| Failure::wrong_type(name, "an array of strings", value.kind()))?;
    let entries = list.into_iter().enumerate();
    entries
        .map(|(at, entry)| string(entry, &format!("{name}[{at}]")))
        .collect()
}
