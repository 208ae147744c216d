//! An argument over JSON, with what JSON has no value for.

use loopwire_runtime::argument::{Argument, Terms};
use loopwire_runtime::{Class, Outcome};
use serde_json::Value;

/// Whatever a test gives.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Missing,
    Infinity,
    Function,
    Bytes(Vec<u8>),
    Words(Vec<u32>),
    Json(Value),
}

impl From<Value> for Given {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl Argument for Given {
    const TERMS: Terms = Terms::JAVASCRIPT;

    fn kind(&self) -> &'static str {
        match self {
            Self::Missing => Self::TERMS.missing,
            Self::Function => "a function",
            Self::Bytes(_) | Self::Words(_) | Self::Json(Value::Object(_)) => "an object",
            Self::Infinity | Self::Json(Value::Number(_)) => "a number",
            Self::Json(Value::Null) => "null",
            Self::Json(Value::Bool(_)) => "a boolean",
            Self::Json(Value::String(_)) => "a string",
            Self::Json(Value::Array(_)) => "an array",
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Json(Value::Null))
    }

    fn is_function(&self) -> bool {
        matches!(self, Self::Function)
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Infinity => Some(f64::INFINITY),
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
            Self::Json(value) => value.as_str().map(str::to_owned),
            _ => None,
        }
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }

    fn words(&self) -> Option<Vec<u32>> {
        match self {
            Self::Words(words) => Some(words.clone()),
            _ => None,
        }
    }

    fn list(&self) -> Option<Vec<Self>> {
        match self {
            Self::Json(value) => Some(value.as_array()?.iter().cloned().map(Self::Json).collect()),
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
            // What a text of JSON cannot say.
            Self::Json(value) => Some(match value.get(key)? {
                Value::String(text) if text == "<undefined>" => Self::Missing,
                Value::String(text) if text == "<Infinity>" => Self::Infinity,
                Value::String(text) if text == "<function>" => Self::Function,
                other => Self::Json(other.clone()),
            }),
            _ => None,
        }
    }
}

/// Class, code and text of what is refused.
pub(crate) fn refused<T>(outcome: Outcome<T>) -> (Class, String, String) {
    match outcome {
        Ok(_) => panic!("nothing was refused"),
        Err(failure) => (
            failure.class(),
            failure.code().to_owned(),
            failure.message().to_owned(),
        ),
    }
}

/// That an argument has another type.
pub(crate) fn wrong_type(message: impl Into<String>) -> (Class, String, String) {
    (
        Class::Type,
        "ERR_INVALID_ARG_TYPE".to_owned(),
        message.into(),
    )
}

/// That an argument has a value that it may not have.
pub(crate) fn invalid(message: impl Into<String>) -> (Class, String, String) {
    (
        Class::Type,
        "ERR_INVALID_ARG_VALUE".to_owned(),
        message.into(),
    )
}

/// That a number is out of its range.
pub(crate) fn out_of_range(message: impl Into<String>) -> (Class, String, String) {
    (Class::Range, "ERR_OUT_OF_RANGE".to_owned(), message.into())
}

/// That there is no such option.
pub(crate) fn unknown(message: impl Into<String>) -> (Class, String, String) {
    (Class::Type, "ERR_UNKNOWN_OPTION".to_owned(), message.into())
}
