//! What `loopwire_emit` keeps between two calls of a thread, so that a burst looks nothing up and allocates nothing.

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::time::SystemTime;

use loopwire_channel::{Event, EventForm, Kind};
use loopwire_runtime::{Outcome, option};

use crate::boundary::text;

/// How many types are kept. Few programs publish more from one thread.
const MAX_KINDS: usize = 16;

/// What is kept of the memory of an event, so that one large event does not keep its megabyte for ever.
const MAX_KEPT_BYTES: usize = 64 << 10;

/// What an event has beside its type.
#[derive(Clone, Copy)]
pub(super) enum Content<'a> {
    Bare,
    Payload(&'a str),
    /// The text of an object.
    Data(&'a str),
}

impl Content<'_> {
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Bare => 0,
            Self::Payload(text) | Self::Data(text) => text.len(),
        }
    }

    const fn form(&self) -> EventForm {
        match self {
            Self::Bare => EventForm::Bare,
            Self::Payload(_) => EventForm::Payload,
            Self::Data(_) => EventForm::Data,
        }
    }
}

pub(super) struct Scratch {
    event: Event,
    /// Types that were checked.
    kinds: Vec<(String, Kind)>,
    /// The place of the next one once all places are taken.
    next: usize,
}

thread_local! {
    /// Taken out while it is in use.
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// Lends the thread's own; a new one where the thread has none any more, because it ends.
    pub(super) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        let own = SCRATCH.try_with(Cell::take).ok().flatten();
        let mut scratch = own.unwrap_or_else(|| {
            Box::new(Self {
                event: Event::scratch(),
                kinds: Vec::new(),
                next: 0,
            })
        });
        let result = work(&mut scratch);
        if scratch.event.json().len() > MAX_KEPT_BYTES {
            scratch.event = Event::scratch();
        }
        let _ = SCRATCH.try_with(|cell| cell.set(Some(scratch)));
        result
    }

    /// Writes an event, after checking that it may be published.
    ///
    /// # Safety
    /// `name` is NULL, or ends with a NUL.
    pub(super) unsafe fn write(
        &mut self,
        name: *const c_char,
        content: &Content<'_>,
    ) -> Outcome<&Event> {
        // SAFETY: as the caller has promised.
        let at = unsafe { self.place(name) }?;
        let (name, kind) = &self.kinds[at];
        option::check_form(name, kind, content.form())?;
        match *content {
            Content::Bare => self.event.write(kind, None),
            Content::Payload(text) => self.event.write(kind, Some(text)),
            Content::Data(json) => self.event.write_raw_data(kind, json, SystemTime::now()),
        }
        Ok(&self.event)
    }

    /// The place of a type among those that were checked.
    ///
    /// # Safety
    /// As [`Scratch::write`].
    unsafe fn place(&mut self, name: *const c_char) -> Outcome<usize> {
        if !name.is_null() {
            // SAFETY: as the caller has promised.
            let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
            let known = |(known, _): &(String, Kind)| known.as_bytes() == bytes;
            if let Some(at) = self.kinds.iter().position(known) {
                return Ok(at);
            }
        }
        // SAFETY: as the caller has promised.
        let checked = option::event_type(unsafe { text(name, "type") }?)?;
        if self.kinds.len() < MAX_KINDS {
            self.kinds.push(checked);
            return Ok(self.kinds.len() - 1);
        }
        let at = self.next;
        self.next = (at + 1) % MAX_KINDS;
        self.kinds[at] = checked;
        Ok(at)
    }
}
