//! The parts of the frame of one event.

use crate::journal::Record;
use crate::wire::{Opcode, frame};

/// `,"seq":`, twenty digits and the brace.
const MAX_TAIL_BYTES: usize = 32;

/// The end of a `loopwire.v1` frame, after the record.
#[derive(Clone, Copy, Debug)]
struct Tail {
    bytes: [u8; MAX_TAIL_BYTES],
    used: usize,
}

impl Tail {
    const NONE: Self = Self {
        bytes: [0; MAX_TAIL_BYTES],
        used: 0,
    };

    #[inline]
    fn seq(seq: u64) -> Self {
        const KEY: &[u8; 7] = br#","seq":"#;
        // Written from the end: first the digits, then the key before them. Then the result is moved to the front.
        let mut bytes = [0; MAX_TAIL_BYTES];
        let mut at = MAX_TAIL_BYTES - 1;
        bytes[at] = b'}';
        let mut rest = seq;
        loop {
            at -= 1;
            let digit = (rest % 10) as u8;
            bytes[at] = b'0' + digit;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        at -= KEY.len();
        bytes[at..at + KEY.len()].copy_from_slice(KEY);
        bytes.copy_within(at.., 0);
        Self {
            bytes,
            used: MAX_TAIL_BYTES - at,
        }
    }
}

/// The parts of one event's frame, in the order in which they are written.
pub(super) struct Parts<'a> {
    pub(super) body: &'a [u8],
    pub(super) detail: &'a [u8],
    tail: Tail,
}

impl<'a> Parts<'a> {
    #[inline]
    pub(super) fn new(record: &Record<'a>, v1: bool) -> Self {
        if v1 {
            let body = &record.json[..record.json.len() - 1];
            Self {
                body,
                detail: record.detail,
                tail: Tail::seq(record.seq),
            }
        } else {
            Self {
                body: record.json,
                detail: &[],
                tail: Tail::NONE,
            }
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.body.len() + self.detail.len() + self.tail.used
    }

    /// What comes behind the detail.
    #[inline]
    pub(super) fn tail(&self) -> &[u8] {
        &self.tail.bytes[..self.tail.used]
    }

    /// Appends the whole frame.
    #[expect(
        clippy::inline_always,
        reason = "measured: as a call it makes rendering 60 percent slower"
    )]
    #[inline(always)]
    pub(super) fn write_frame(&self, out: &mut Vec<u8>) {
        frame::write_header(out, Opcode::Text, self.len());
        out.extend_from_slice(self.body);
        out.extend_from_slice(self.detail);
        out.extend_from_slice(self.tail());
    }
}
