//! The application's own events.

use std::borrow::Cow;

use loopwire_channel::{EventForm, Kind};
use serde::de::IgnoredAny;

use crate::argument::{self as args, Argument};
use crate::engines::event_kind;
use crate::failure::{Class, Failure, Outcome};

/// The longest `type`, which is a name and not data.
const MAX_TYPE_CHARS: usize = 128;

/// A type that the application may publish: its name, and what is known of it.
///
/// # Errors
/// Another type of value, a name that is empty or too long, one that is reserved for the channel.
pub fn event_type<A: Argument>(kind: A) -> Outcome<(String, Kind)> {
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

/// An event type of the protocol must have its form; one of the application may have any.
///
/// # Errors
/// Another form.
#[inline]
pub fn check_form(name: &str, kind: &Kind, given: EventForm) -> Outcome<()> {
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

/// The object of an event, which was given as JSON text, on one line: many readers take a line for a message.
///
/// # Errors
/// What is not the text of an object.
pub fn event_data<'a>(json: &'a str, name: &str) -> Outcome<Cow<'a, str>> {
    let json = json.trim_ascii();
    if !json.starts_with('{') || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return Err(Failure::invalid(format!(
            "{name} must be the text of an object"
        )));
    }
    // In JSON they stand between tokens only.
    Ok(match json.contains(['\n', '\r']) {
        true => Cow::Owned(json.replace(['\n', '\r'], " ")),
        false => Cow::Borrowed(json),
    })
}
