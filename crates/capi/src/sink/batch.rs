//! A batch of events on its way to C.

use std::ffi::c_char;

use loopwire_channel::Callback;

use super::target::Target;

/// How much memory is kept between batches, so that one large event does not keep its megabyte for ever.
const MAX_KEPT_BYTES: usize = 128 << 10;

/// Events one after another, and the offset at which each ends. Those that were not delivered yet stay.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    next: usize,
    start: usize,
}

impl Batch {
    /// Takes the next events if there are none left. Whether there are some.
    pub(super) fn fill(&mut self, callback: &Callback) -> bool {
        if self.next < self.ends.len() {
            return true;
        }
        if self.bytes.capacity() > MAX_KEPT_BYTES {
            self.bytes = Vec::new();
        }
        (self.next, self.start) = (0, 0);
        callback.gather(0);
        let found = callback.drain(&mut self.bytes, &mut self.ends) > 0;
        self.bytes.push(0);
        found
    }

    /// Calls the function once for each event, until `stop`.
    pub(super) fn deliver(&mut self, target: &Target, stop: impl Fn() -> bool) {
        let Some(call) = target.event else {
            self.next = self.ends.len();
            return;
        };
        while let Some(end) = self.ends.get(self.next) {
            if stop() {
                return;
            }
            let (start, end) = (self.start, *end as usize);
            // Before the call, so that nobody gets the event twice.
            self.next += 1;
            self.start = end;
            // Each event is a text of its own for C: the byte behind it is NUL while it is read.
            let behind = std::mem::replace(&mut self.bytes[end], 0);
            let text = self.bytes[start..end].as_ptr().cast::<c_char>();
            // SAFETY: the function and its pointer are as their giver has promised; the text stays until it returns.
            unsafe { call(target.userdata, text, end - start) };
            self.bytes[end] = behind;
        }
    }
}
