//! `emit`: the application's own events, from a burst of calls with as little as possible in between.
#![expect(
    unsafe_code,
    reason = "one Node-API call per string, where napi-rs makes three and allocates"
)]

use std::ptr;
use std::sync::Arc;
use std::time::SystemTime;

use loopwire_channel::{Event, EventForm, Journal, Kind, PublishError};
use napi::bindgen_prelude::*;
use napi::sys;
use napi_derive::napi;

use crate::args;
use crate::environment::Environment;
use crate::errors::{Class, Failure, Outcome, throwing};

/// The longest `type`. It is a name, not a place for data.
const MAX_TYPE_CHARS: usize = 128;

/// Types that are kept ready. An application that makes up a new one for each event shares the last place.
const MAX_KINDS: usize = 256;

/// Text up to here is read into the buffer that is there; longer text makes it grow for that event.
const TEXT_BYTES: usize = 16 << 10;

/// What `emit` keeps between two calls of an environment.
pub(crate) struct Desk {
    kinds: Vec<(String, Kind)>,
    event: Event,
    text: Vec<u8>,
    /// The journal of the last call; another one after a shutdown.
    journal: Option<Arc<Journal>>,
}

impl Desk {
    pub(crate) const fn new() -> Self {
        Self {
            kinds: Vec::new(),
            event: Event::scratch(),
            text: Vec::new(),
            journal: None,
        }
    }
}

/// Looks at a type once. Returns its place for `publishText` and `publishData`; the last place is not to be
/// kept, because the next type may take it.
#[napi(catch_unwind, skip_typescript)]
pub fn intern_type(env: Env, kind: Unknown<'_>) -> Result<u32> {
    let desk = &mut *Environment::of(&env)?.desk.borrow_mut();
    let (name, kind) = throwing(&env, checked_kind(kind))?;
    if desk.kinds.len() == MAX_KINDS {
        desk.kinds.pop();
    }
    desk.kinds.push((name, kind));
    Ok(u32::try_from(desk.kinds.len() - 1).unwrap_or_default())
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
    match Kind::new(&name) {
        Some(kind) => Ok((name, kind)),
        None => Err(reserved(&name)),
    }
}

#[cold]
fn reserved(kind: &str) -> Failure {
    let message =
        format!("the type {kind} is the channel's own; choose another, such as my:{kind}");
    Failure::new(Class::Type, "ERR_EVENT_RESERVED", message)
}

/// Publishes an event with a string payload, or none. False above the high-water mark.
#[napi(catch_unwind, skip_typescript)]
pub fn publish_text(env: Env, kind: u32, payload: Unknown<'_>) -> Result<bool> {
    let environment = Environment::of(&env)?;
    let desk = &mut *environment.desk.borrow_mut();
    let Some((name, kind)) = desk.kinds.get(kind as usize) else {
        return unknown_kind();
    };
    let written = match read_text(&env, &payload, &mut desk.text) {
        Some(text) => {
            fits(name, kind, EventForm::Payload).map(|()| desk.event.write(kind, Some(text)))
        }
        None if args::is_missing(&payload) => {
            fits(name, kind, EventForm::Bare).map(|()| desk.event.write(kind, None))
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
    throwing(&env, desk.publish(environment))
}

/// Publishes an event with an object; `json` is its text. False above the high-water mark.
#[napi(catch_unwind, skip_typescript)]
pub fn publish_data(env: Env, kind: u32, json: Unknown<'_>) -> Result<bool> {
    let environment = Environment::of(&env)?;
    let desk = &mut *environment.desk.borrow_mut();
    let Some((name, kind)) = desk.kinds.get(kind as usize) else {
        return unknown_kind();
    };
    throwing(&env, fits(name, kind, EventForm::Data))?;
    let Some(json) = read_text(&env, &json, &mut desk.text) else {
        // JSON.stringify gives undefined for an object whose toJSON does.
        return Failure::wrong_type("payload", "an object that JSON can hold", "this one")
            .throw(&env);
    };
    // An array, a Date and whatever has a `toJSON` are objects to JavaScript only.
    if !json.starts_with('{') {
        let got = "one whose JSON is something else";
        return Failure::wrong_type("payload", "an object", got).throw(&env);
    }
    desk.event.write_raw_data(kind, json, SystemTime::now());
    throwing(&env, desk.publish(environment))
}

fn unknown_kind() -> Result<bool> {
    Err(Error::from_reason("no type of that number"))
}

impl Desk {
    fn publish(&mut self, environment: &Environment) -> Outcome<bool> {
        if let Some(journal) = &self.journal {
            match journal.publish_now(&self.event) {
                Ok(published) => return Ok(!published.above_mark),
                // Shut down since: what is called afterwards starts afresh.
                Err(PublishError::Closed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let journal = self.journal.insert(environment.runtime.journal());
        Ok(!journal.publish_now(&self.event)?.above_mark)
    }
}

/// The UTF-8 of a JavaScript string; nothing for anything else. Lone surrogates become U+FFFD.
fn read_text<'a>(env: &Env, value: &Unknown<'_>, buffer: &'a mut Vec<u8>) -> Option<&'a str> {
    if buffer.len() != TEXT_BYTES {
        *buffer = vec![0; TEXT_BYTES];
    }
    let mut used = read_into(env, value, buffer)?;
    // Cut at a character, so a buffer with less than one left over may have been too small.
    if used + 4 >= buffer.len() {
        let mut needed = 0;
        // SAFETY: without a buffer the call only measures.
        unsafe {
            sys::napi_get_value_string_utf8(
                env.raw(),
                value.raw(),
                ptr::null_mut(),
                0,
                &raw mut needed,
            );
        }
        buffer.resize(needed + 1, 0);
        used = read_into(env, value, buffer)?;
    }
    std::str::from_utf8(&buffer[..used]).ok()
}

fn read_into(env: &Env, value: &Unknown<'_>, buffer: &mut [u8]) -> Option<usize> {
    let mut used = 0;
    // SAFETY: the buffer is ours and as long as we say; the call writes no further.
    let status = unsafe {
        sys::napi_get_value_string_utf8(
            env.raw(),
            value.raw(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut used,
        )
    };
    (status == sys::Status::napi_ok).then_some(used)
}

/// Types of the wire contract must have their form; the application's own may have any.
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
    let message = format!("an event of the type {name} has {must} (PROTOCOL section 2)");
    Err(Failure::new(Class::Type, "ERR_EVENT_FORM", message))
}
