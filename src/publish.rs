//! `emit`: the application's own events, from a burst of calls with as little as possible in between.

use std::time::SystemTime;

use loopwire_channel::Event;
use loopwire_channel::kind::{self, Form};
use napi::ValueType;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::args;
use crate::environment::Environment;
use crate::errors::{Class, Failure, Outcome, throwing};

/// The longest `type`. It is a name, not a place for data.
const MAX_TYPE_CHARS: usize = 128;

/// The native half of `emit`. `json` says that `payload` is the text of a JSON object.
#[napi(catch_unwind, skip_typescript)]
pub fn publish(env: Env, kind: Unknown<'_>, payload: Unknown<'_>, json: bool) -> Result<bool> {
    let environment = Environment::of(&env)?;
    let event = &mut *environment.scratch.borrow_mut();
    throwing(&env, write(event, kind, payload, json))?;
    let published = environment.runtime.journal().publish_now(event);
    let published = throwing(&env, published.map_err(Failure::from))?;
    Ok(!published.above_mark)
}

fn write(event: &mut Event, kind: Unknown<'_>, payload: Unknown<'_>, json: bool) -> Outcome<()> {
    let kind = args::string(kind, "type")?;
    if kind.is_empty() || kind.len() > MAX_TYPE_CHARS {
        let expected = format!("1 to {MAX_TYPE_CHARS} characters long");
        return Err(Failure::out_of_range(
            "type",
            &expected,
            &kind.len().to_string(),
        ));
    }
    let Some((topic, form)) = kind::classify(&kind) else {
        return Err(reserved(&kind));
    };
    if json {
        fits(&kind, form, Form::Data)?;
        let data = args::string(payload, "payload")?;
        // An array, a Date and whatever has a `toJSON` are objects to JavaScript only.
        if !data.starts_with('{') {
            let got = "one whose JSON is something else";
            return Err(Failure::wrong_type("payload", "an object", got));
        }
        event.write_raw_data(topic, &kind, &data, SystemTime::now());
        return Ok(());
    }
    match payload.get_type() {
        Ok(ValueType::Undefined) => {
            fits(&kind, form, Form::Bare)?;
            event.write_payload(topic, &kind, None);
        }
        Ok(ValueType::String) => {
            fits(&kind, form, Form::Payload)?;
            event.write_payload(topic, &kind, Some(&args::string(payload, "payload")?));
        }
        _ => {
            let expected = "a string, an object or left out";
            return Err(Failure::wrong_type(
                "payload",
                expected,
                args::kind(&payload),
            ));
        }
    }
    Ok(())
}

#[cold]
fn reserved(kind: &str) -> Failure {
    let message =
        format!("the type {kind} is the channel's own; choose another, such as my:{kind}");
    Failure::new(Class::Type, "ERR_EVENT_RESERVED", message)
}

/// Types of the wire contract must have their form; the application's own may have any.
#[inline]
fn fits(kind: &str, form: Form, given: Form) -> Outcome<()> {
    if form == Form::Any || form == given {
        return Ok(());
    }
    let must = match form {
        Form::Bare => "no payload",
        Form::Payload => "a string as its payload",
        Form::Data | Form::Any => "an object",
    };
    let message = format!("an event of the type {kind} has {must} (PROTOCOL section 2)");
    Err(Failure::new(Class::Type, "ERR_EVENT_FORM", message))
}
