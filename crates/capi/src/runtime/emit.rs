//! The application's own events.

use std::ffi::c_char;

use loopwire_channel::{MAX_EVENT_BYTES, PublishError};
use loopwire_runtime::{Failure, Outcome, option};

use super::handle::{LoopwireRuntime, runtime};
use super::scratch::{Content, Scratch};
use crate::boundary::{Given, LoopwireResult, number_out, quick, text};

/// Publishes an event with a text, or without one.
///
/// `type` has 1 to 128 characters and is no type of the channel. `payload` is a text, or NULL for none. `behind`, unless
/// NULL, receives true if the slowest callback is so far behind that the caller should slow down; the event was accepted.
///
/// It never waits, and may be called from any thread, also inside a callback. Fails with `LOOPWIRE_RESULT_JOURNAL_FULL`,
/// `LOOPWIRE_RESULT_EVENT_TOO_LARGE` (1 MiB), `LOOPWIRE_RESULT_INVALID_ARGUMENT`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `behind` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_emit(
    runtime: *const LoopwireRuntime,
    r#type: *const c_char,
    payload: *const c_char,
    behind: *mut bool,
) -> LoopwireResult {
    quick(|| {
        // SAFETY: as the caller has promised.
        let (runtime, payload) = unsafe { (self::runtime(runtime)?, text(payload, "payload")?) };
        let content = match payload {
            Given::Text(text) => Content::Payload(text),
            _ => Content::Bare,
        };
        // SAFETY: as the caller has promised.
        unsafe { emit(runtime, r#type, content, behind) }
    })
}

/// Publishes an event with an object: `json` is the text of a JSON object, which is passed on as it is. A `timestamp` is added.
///
/// Everything else is as for `loopwire_emit`.
///
/// # Safety
/// As for `loopwire_emit`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_emit_data(
    runtime: *const LoopwireRuntime,
    r#type: *const c_char,
    json: *const c_char,
    behind: *mut bool,
) -> LoopwireResult {
    quick(|| {
        // SAFETY: as the caller has promised.
        let (runtime, json) = unsafe { (self::runtime(runtime)?, text(json, "json")?) };
        let json = match json {
            Given::Text(text) => text,
            _ => "",
        };
        let object = option::event_data(json, "json")?;
        // SAFETY: as the caller has promised.
        unsafe { emit(runtime, r#type, Content::Data(&object), behind) }
    })
}

/// # Safety
/// `name` is NULL or ends with a NUL; `behind` is NULL or can be written.
unsafe fn emit(
    runtime: &LoopwireRuntime,
    name: *const c_char,
    content: Content<'_>,
    behind: *mut bool,
) -> Outcome<()> {
    // Before it is copied.
    if content.len() > MAX_EVENT_BYTES {
        return Err(PublishError::TooLarge.into());
    }
    let journal = runtime.journal()?;
    let published = Scratch::with(|scratch| {
        // SAFETY: as the caller has promised.
        let event = unsafe { scratch.write(name, &content) }?;
        Ok::<_, Failure>(journal.publish_now(event)?)
    })?;
    // SAFETY: as the caller has promised.
    unsafe { number_out(behind, published.above_mark) };
    Ok(())
}
