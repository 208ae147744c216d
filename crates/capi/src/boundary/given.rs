//! A value of C, or of the JSON that C gives, as an argument.

use loopwire_runtime::argument::{Argument, Terms};
use serde_json::Value;

/// Whatever C gave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Given<'a> {
    /// Left out, where that is allowed.
    Missing,
    /// NULL.
    Null,
    /// An integer.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Ports.
    Words(&'a [u32]),
    /// A value of JSON.
    Json(&'a Value),
}

impl<'a> Given<'a> {
    /// Options as they were read; `None` for NULL.
    pub(crate) fn options(json: Option<&'a Value>) -> Self {
        json.map_or(Self::Missing, Self::Json)
    }

    /// Options that must be given.
    pub(crate) fn required(json: Option<&'a Value>) -> Self {
        json.map_or(Self::Null, Self::Json)
    }
}

impl Argument for Given<'_> {
    const TERMS: Terms = Terms::C;

    fn kind(&self) -> &'static str {
        match self {
            Self::Missing => Self::TERMS.missing,
            Self::Null => "NULL",
            Self::Integer(_) | Self::Json(Value::Number(_)) => "a number",
            Self::Text(_) | Self::Json(Value::String(_)) => "a string",
            Self::Bytes(_) => "bytes",
            Self::Words(_) => "an array of numbers",
            Self::Json(Value::Null) => "null",
            Self::Json(Value::Bool(_)) => "a boolean",
            Self::Json(Value::Array(_)) => "an array",
            Self::Json(Value::Object(_)) => "an object",
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Json(Value::Null))
    }

    /// `JSON.stringify(Infinity)` is `null`.
    fn is_unlimited(&self) -> bool {
        matches!(self, Self::Json(Value::Null))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is as large is out of every range"
    )]
    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Json(value) => value.as_f64(),
            _ => None,
        }
    }

    fn boolean(&self) -> Option<bool> {
        match self {
            Self::Json(value) => value.as_bool(),
            _ => None,
        }
    }

    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some((*text).to_owned()),
            Self::Json(value) => value.as_str().map(str::to_owned),
            _ => None,
        }
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }

    fn words(&self) -> Option<Vec<u32>> {
        match self {
            Self::Words(words) => Some(words.to_vec()),
            _ => None,
        }
    }

    fn list(&self) -> Option<Vec<Self>> {
        match self {
            Self::Json(value) => Some(value.as_array()?.iter().map(Self::Json).collect()),
            _ => None,
        }
    }

    fn keys(&self) -> Option<Vec<String>> {
        match self {
            Self::Json(value) => Some(value.as_object()?.keys().cloned().collect()),
            _ => None,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        match self {
            Self::Json(value) => value.as_object()?.get(key).map(Self::Json),
            _ => None,
        }
    }
}
