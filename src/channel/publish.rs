//! `emit`: publishes the application's own events.

use std::time::SystemTime;

use loopwire_channel::EventForm;
use loopwire_runtime::{Failure, argument::Argument, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, Waker, Woken, export, read_text, throw, throwing};

/// Checks a type once and returns its place for `publishText` and `publishData`. The caller must not keep the last place,
/// because the next type may take it.
#[napi(catch_unwind, skip_typescript)]
pub fn intern_type(env: Env, kind: Given<'_>) -> Result<u32> {
    let (name, kind) = throwing(&env, option::event_type(kind))?;
    let buffer = &mut *Environment::of(&env)?.emit_buffer.borrow_mut();
    Ok(buffer.intern(name, kind))
}

/// Adds the functions that publish. Both return `false` above the high-water mark, and `undefined` below it.
pub(crate) fn export_functions(exports: &Object<'_>, env: Env) -> Result<()> {
    export(&env, exports, c"publishText", publish_text)?;
    export(&env, exports, c"publishData", publish_data)
}

/// Publishes an event with a string payload, or none. False above the high-water mark.
fn publish_text(env: &Env, kind: u32, payload: Given<'_>) -> Result<bool> {
    let environment = Environment::of(env)?;
    let buffer = &mut *environment.emit_buffer.borrow_mut();
    let Some((name, kind)) = buffer.kinds.get(kind as usize) else {
        return unknown_kind();
    };
    let written = match read_text(env, &payload.0, &mut buffer.text) {
        Some(text) => option::check_form(name, kind, EventForm::Payload)
            .map(|()| buffer.event.write(kind, Some(text))),
        None if payload.is_missing() => {
            option::check_form(name, kind, EventForm::Bare).map(|()| buffer.event.write(kind, None))
        }
        None => {
            let expected = "a string, an object or left out";
            Err(Failure::wrong_type("payload", expected, payload.kind()))
        }
    };
    throwing(env, written)?;
    throwing(env, buffer.publish(&environment.runtime))
}

/// Publishes an event with an object; `json` is its text. False above the high-water mark.
fn publish_data(env: &Env, kind: u32, json: Given<'_>) -> Result<bool> {
    let environment = Environment::of(env)?;
    let buffer = &mut *environment.emit_buffer.borrow_mut();
    let Some((name, kind)) = buffer.kinds.get(kind as usize) else {
        return unknown_kind();
    };
    throwing(env, option::check_form(name, kind, EventForm::Data))?;
    let Some(json) = read_text(env, &json.0, &mut buffer.text) else {
        // JSON.stringify returns undefined if the object's toJSON does.
        let expected = "an object that JSON can hold";
        return throw(env, &Failure::wrong_type("payload", expected, "this one"));
    };
    // The JSON of an array, a Date or an object with `toJSON` may be something else than an object.
    if !json.starts_with('{') {
        let got = "one whose JSON is something else";
        return throw(env, &Failure::wrong_type("payload", "an object", got));
    }
    buffer.event.write_raw_data(kind, json, SystemTime::now());
    throwing(env, buffer.publish(&environment.runtime))
}

fn unknown_kind() -> Result<bool> {
    Err(Error::from_reason("no type of that number"))
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
