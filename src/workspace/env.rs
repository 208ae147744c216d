//! Environment variables of commands, read from what JavaScript gives.

use napi::ValueType;
use napi::bindgen_prelude::*;

use crate::node::{Failure, Outcome, args};

/// An object of strings, as `process.env` is one.
pub(super) fn environment(value: Unknown<'_>, name: &str) -> Outcome<Vec<(String, String)>> {
    let wrong = Failure::wrong_type(name, "an object of strings", args::kind(&value));
    if value.get_type().is_ok_and(|kind| kind != ValueType::Object) {
        return Err(wrong);
    }
    let object = Object::from_unknown(value).map_err(|_| wrong.clone())?;
    if object.is_array().unwrap_or(false) {
        return Err(Failure::wrong_type(
            name,
            "an object of strings",
            "an array",
        ));
    }
    let mut all = Vec::new();
    for key in Object::keys(&object).map_err(|_| wrong.clone())? {
        let value: Unknown<'_> = object
            .get_named_property_unchecked(&key)
            .map_err(|_| wrong.clone())?;
        if args::is_missing(&value) {
            continue;
        }
        if key.is_empty() || key.contains(['=', '\0']) {
            return Err(Failure::invalid(format!(
                "{name} has a key that cannot be the name of a variable"
            )));
        }
        let value = args::text(value, &format!("{name}.{key}"))?;
        all.push((key, value));
    }
    Ok(all)
}
