//! Objects of options.

use super::argument::Argument;
use crate::failure::{Class, Failure, Outcome};

/// How much of an unknown option is looked at: comparing takes time and memory with the square of the length.
const MAX_KEY_CHARS: usize = 40;

/// The entries of an options object; every key must be one of `known`.
///
/// # Errors
/// Another type, an unknown key.
pub fn options<A: Argument>(value: A, name: &str, known: &[&str]) -> Outcome<Vec<(String, A)>> {
    if value.is_missing() {
        return Ok(Vec::new());
    }
    let wrong = || Failure::wrong_type(name, "an object", value.kind());
    if value.list().is_some() {
        return Err(Failure::wrong_type(name, "an object", "an array"));
    }
    let mut entries = Vec::new();
    for key in value.keys().ok_or_else(wrong)? {
        if !known.contains(&key.as_str()) {
            return Err(unknown_key(&key, name, known));
        }
        let entry = value.get(&key).ok_or_else(wrong)?;
        // As in Node: an option that is undefined was not given.
        if !entry.is_missing() {
            entries.push((key, entry));
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
