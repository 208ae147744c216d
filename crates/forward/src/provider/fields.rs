//! Reads the fields of an application's JSON object, and describes those that are wrong.

use loopwire_channel::json;
use serde_json::{Map, Value};

/// The longest text of a field: longer than any name of a place or provider, and a limit on the request.
const MAX_TEXT: usize = 100;

/// The most countries in one filter: there are about 250 codes.
const MAX_TEXTS: usize = 300;

/// How much of an invalid key an error shows.
const SHOWN_KEY: usize = 20;

/// An object with typed access. `null` is the same as a missing key.
pub(super) struct Fields<'a>(&'a Map<String, Value>);

/// What is wrong with which key.
pub(super) type Problem = String;

/// The object that a JSON text holds.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, Problem> {
    match json::read(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("the JSON text must be an object".to_owned()),
        // Only the position: serde_json's message quotes values.
        Err(error) => Err(format!(
            "the text is not valid JSON (line {}, column {})",
            error.line(),
            error.column()
        )),
    }
}

/// A key as an error may show it.
pub(super) fn shown(key: &str) -> String {
    key.chars()
        .filter(|letter| !letter.is_control())
        .take(SHOWN_KEY)
        .collect()
}

impl<'a> Fields<'a> {
    pub(super) const fn new(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A text; empty if it is missing.
    pub(super) fn text(&self, key: &str) -> Result<String, Problem> {
        match self.get(key) {
            None => Ok(String::new()),
            Some(Value::String(text)) => checked(key, text),
            Some(_) => Err(format!("`{key}` must be a string")),
        }
    }

    /// A text or an array of texts; empty ones are left out.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, Problem> {
        let wrong = || format!("`{key}` must be a string or an array of strings");
        let texts = match self.get(key) {
            None => Vec::new(),
            Some(Value::String(text)) => vec![checked(key, text)?],
            Some(Value::Array(values)) if values.len() > MAX_TEXTS => {
                return Err(format!("`{key}` has more than {MAX_TEXTS} entries"));
            }
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| checked(key, value.as_str().ok_or_else(wrong)?))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(wrong()),
        };
        Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Problem> {
        let wrong = || format!("`{key}` must be true or false");
        self.get(key)
            .map(|value| value.as_bool().ok_or_else(wrong))
            .transpose()
    }
}

fn checked(key: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > MAX_TEXT {
        return Err(format!("`{key}` is longer than {MAX_TEXT} characters"));
    }
    Ok(text.to_owned())
}
