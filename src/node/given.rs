//! A value of JavaScript, as an argument. napi-rs itself turns NaN into 0 and -1 into 4294967295.
#![expect(
    unsafe_code,
    reason = "a value is taken as it comes by an unsafe method of napi-rs"
)]

use loopwire_runtime::argument::{Argument, Terms};
use napi::bindgen_prelude::*;
use napi::{ValueType, sys};

/// Whatever JavaScript gave.
#[derive(Clone, Copy)]
pub struct Given<'env>(pub(crate) Unknown<'env>);

impl Given<'_> {
    fn is(&self, wanted: ValueType) -> bool {
        self.0.get_type().is_ok_and(|kind| kind == wanted)
    }
}

impl TypeName for Given<'_> {
    fn type_name() -> &'static str {
        Unknown::type_name()
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ValidateNapiValue for Given<'_> {}

impl FromNapiValue for Given<'_> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        // SAFETY: as the caller has promised.
        unsafe { Unknown::from_napi_value(env, value) }.map(Self)
    }
}

impl Argument for Given<'_> {
    const TERMS: Terms = Terms::JAVASCRIPT;

    fn kind(&self) -> &'static str {
        match self.0.get_type() {
            Ok(ValueType::Undefined) => Self::TERMS.missing,
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

    fn is_missing(&self) -> bool {
        self.is(ValueType::Undefined)
    }

    fn is_null(&self) -> bool {
        self.is(ValueType::Null)
    }

    fn is_function(&self) -> bool {
        self.is(ValueType::Function)
    }

    fn number(&self) -> Option<f64> {
        self.is(ValueType::Number)
            .then(|| f64::from_unknown(self.0).ok())?
    }

    fn boolean(&self) -> Option<bool> {
        self.is(ValueType::Boolean)
            .then(|| bool::from_unknown(self.0).ok())?
    }

    fn text(&self) -> Option<String> {
        self.is(ValueType::String)
            .then(|| String::from_unknown(self.0).ok())?
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        Uint8Array::from_unknown(self.0)
            .ok()
            .map(|bytes| bytes.to_vec())
    }

    fn words(&self) -> Option<Vec<u32>> {
        Uint32Array::from_unknown(self.0)
            .ok()
            .map(|words| words.to_vec())
    }

    fn list(&self) -> Option<Vec<Self>> {
        let array = Array::from_unknown(self.0).ok()?;
        if !array.is_array().unwrap_or(false) {
            return None;
        }
        (0..array.len())
            .map(|at| array.get(at).ok().flatten().map(Self))
            .collect()
    }

    fn keys(&self) -> Option<Vec<String>> {
        if !self.is(ValueType::Object) {
            return None;
        }
        Object::keys(&Object::from_unknown(self.0).ok()?).ok()
    }

    fn get(&self, key: &str) -> Option<Self> {
        let object = Object::from_unknown(self.0).ok()?;
        object.get_named_property_unchecked(key).ok().map(Self)
    }
}
