//! The buffers of `emit`: checked types, one event, and one buffer for text.
#![expect(
    unsafe_code,
    reason = "one Node-API call per string, where napi-rs makes three and allocates"
)]

use std::ptr;
use std::sync::Arc;

use loopwire_channel::{Event, Journal, Kind, PublishError};
use loopwire_runtime::{Outcome, Runtime};
use napi::bindgen_prelude::*;
use napi::sys;

/// How many checked types are kept. Further types share the last place.
const MAX_KINDS: usize = 256;

/// The size of the text buffer; a longer text makes it grow for that event.
const TEXT_BYTES: usize = 16 << 10;

/// What `emit` keeps between two calls of an environment, so that a burst allocates nothing.
pub(crate) struct EmitBuffer {
    pub(crate) kinds: Vec<(String, Kind)>,
    pub(crate) event: Event,
    pub(crate) text: Vec<u8>,
    /// The journal of the last call; another one after a shutdown.
    journal: Option<Arc<Journal>>,
    /// The number of the last event.
    pub(crate) published: u64,
}

impl EmitBuffer {
    pub(super) const fn new() -> Self {
        Self {
            kinds: Vec::new(),
            event: Event::scratch(),
            text: Vec::new(),
            journal: None,
            published: 0,
        }
    }

    /// Keeps a checked type and returns its place.
    pub(crate) fn intern(&mut self, name: String, kind: Kind) -> u32 {
        if self.kinds.len() == MAX_KINDS {
            self.kinds.pop();
        }
        self.kinds.push((name, kind));
        u32::try_from(self.kinds.len() - 1).unwrap_or_default()
    }

    /// Publishes the event. False above the high-water mark.
    pub(crate) fn publish(&mut self, runtime: &Runtime) -> Outcome<bool> {
        let kept = self.journal.as_ref();
        let published = match kept.map(|journal| journal.publish_now(&self.event)) {
            // The runtime was shut down since then: take the new journal.
            None | Some(Err(PublishError::Closed)) => {
                let journal = self.journal.insert(runtime.journal());
                journal.publish_now(&self.event)
            }
            Some(result) => result,
        }?;
        self.published = published.seq;
        Ok(!published.above_mark)
    }
}

/// The UTF-8 of a JavaScript string; `None` for another value. Lone surrogates become U+FFFD.
pub(crate) fn read_text<'a>(
    env: &Env,
    value: &Unknown<'_>,
    buffer: &'a mut Vec<u8>,
) -> Option<&'a str> {
    if buffer.len() != TEXT_BYTES {
        *buffer = vec![0; TEXT_BYTES];
    }
    let mut used = read_into(env, value, buffer)?;
    // Node-API cuts between characters: a buffer with less than one character left may have been too small.
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
