//! `emit`: publishes the application's own events.

use std::time::SystemTime;

use loopwire_channel::{EventForm, Kind};
use loopwire_runtime::event_kind;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Class, Environment, Failure, Outcome, Waker, Woken, args, read_text, throwing};

/// The longest `type`, which is a name and not data.
const MAX_TYPE_CHARS: usize = 128;

/// Checks a type once and returns its place for `publishText` and `publishData`. The caller must not keep the last place,
/// because the next type may take it.
#[napi(catch_unwind, skip_typescript)]
pub fn intern_type(env: Env, kind: Unknown<'_>) -> Result<u32> {
    let (name, kind) = throwing(&env, checked_kind(kind))?;
    let buffer = &mut *Environment::of(&env)?.emit_buffer.borrow_mut();
    Ok(buffer.intern(name, kind))
}

fn checked_kind(kind: Unknown<'_>) -> Outcome<(String, Kind)> {
    let name = args::string(kind, "type")?;
    if name.is_empty() || name.len() > MAX_TYPE_CHARS {
        let expected = format!("1 to {MAX_TYPE_CHARS} characters long");
        return Err(Failure::out_of_range(
            "type",
            &expected,
            &name.len().to_string(),
        ));
    }
    match event_kind(&name) {
        Some(kind) => Ok((name, kind)),
        None => Err(reserved(&name)),
    }
}

#[cold]
fn reserved(kind: &str) -> Failure {
    let message = format!(
        "the type {kind} is reserved for the channel; choose another one, such as my:{kind}"
    );
    Failure::new(Class::Type, "ERR_EVENT_RESERVED", message)
}

/// Publishes an event with a string payload, or none. False above the high-water mark.
#[napi(catch_unwind, skip_typescript)]
pub fn publish_text(env: Env, kind: u32, payload: Unknown<'_>) -> Result<bool> {
    let environment = Environment::of(&env)?;
    let buffer = &mut *environment.emit_buffer.borrow_mut();
    let Some((name, kind)) = buffer.kinds.get(kind as usize) else {
        return unknown_kind();
    };
    let written = match read_text(&env, &payload, &mut buffer.text) {
        Some(text) => {
            fits(name, kind, EventForm::Payload).map(|()| buffer.event.write(kind, Some(text)))
        }
        None if args::is_missing(&payload) => {
            fits(name, kind, EventForm::Bare).map(|()| buffer.event.write(kind, None))
        }
        None => {
            let expected = "a string, an object or left out";
            Err(Failure::wrong_type(
                "payload",
                expected,
                args::kind(&payload),
            ))
        }
    };
    throwing(&env, written)?;
    throwing(&env, buffer.publish(&environment.runtime))
}

/// Publishes an event with an object; `json` is its text. False above the high-water mark.
#[napi(catch_unwind, skip_typescript)]
pub fn publish_data(env: Env, kind: u32, json: Unknown<'_>) -> Result<bool> {
    let environment = Environment::of(&env)?;
    let buffer = &mut *environment.emit_buffer.borrow_mut();
    let Some((name, kind)) = buffer.kinds.get(kind as usize) else {
        return unknown_kind();
    };
    throwing(&env, fits(name, kind, EventForm::Data))?;
    let Some(json) = read_text(&env, &json, &mut buffer.text) else {
        // JSON.stringify returns undefined if the object's toJSON does.
        return Failure::wrong_type("payload", "an object that JSON can hold", "this one")
            .throw(&env);
    };
    // The JSON of an array, a Date or an object with `toJSON` may be something else than an object.
    if !json.starts_with('{') {
        let got = "one whose JSON is something else";
        return Failure::wrong_type("payload", "an object", got).throw(&env);
    }
    buffer.event.write_raw_data(kind, json, SystemTime::now());
    throwing(&env, buffer.publish(&environment.runtime))
}

fn unknown_kind() -> Result<bool> {
    Err(Error::from_reason("no type of that number"))
}

/// An event type of the protocol must have its form; one of the application may have any.
#[inline]
fn fits(name: &str, kind: &Kind, given: EventForm) -> Outcome<()> {
    if kind.form() == EventForm::Any || kind.form() == given {
        return Ok(());
    }
    let must = match kind.form() {
        EventForm::Bare => "no payload",
        EventForm::Payload => "a string as its payload",
        EventForm::Data | EventForm::Any => "an object",
    };
    let message = format!("an event of the type {name} must have {must} (PROTOCOL section 2)");
    Err(Failure::new(Class::Type, "ERR_EVENT_FORM", message))
}

/// Whether the callbacks have caught up. If not, `wake` is called once they have, or once the runtime ends.
#[napi(catch_unwind, skip_typescript)]
pub fn when_drained(env: Env, wake: Function<'_, (), ()>) -> Result<bool> {
    let runtime = &Environment::of(&env)?.runtime;
    let journal = runtime.started_journal();
    let Some(journal) = journal.filter(|journal| journal.is_above_mark()) else {
        return Ok(true);
    };
    // No Promise of the native side: that would keep the process alive for a reader that does not.
    let woken = Woken(Waker::bare(&wake)?);
    runtime.spawn(async move {
        journal.drained().await;
        drop(woken);
    });
    Ok(false)
}
