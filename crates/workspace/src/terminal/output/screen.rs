//! Follows a screen through the bytes that leave a ring: whether it is inside of a sequence, and its modes.

use super::escape::{ESC, Escape, Parser};
use super::modes::{Modes, SHIFT_IN, SHIFT_OUT};

const BEL: u8 = 0x07;
const DELETE: u8 = 0x7f;

/// The longest sequence that is read: longer ones set no mode, and of a longer title the beginning counts.
const MAX_SEQUENCE_BYTES: usize = 512;

/// The state of a screen that has read everything before a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Screen {
    parser: Parser,
    /// Not for pipes: what comes out of those is bytes, and nobody may add to them.
    pty: Option<Box<Pty>>,
}

#[derive(Clone, Debug, Default)]
struct Pty {
    /// The sequence that was begun, without its ESC.
    sequence: Vec<u8>,
    modes: Modes,
}

impl Screen {
    /// With the modes of a PTY.
    pub(super) fn of_pty() -> Self {
        Self {
            parser: Parser::default(),
            pty: Some(Box::default()),
        }
    }

    pub(super) const fn parser(&self) -> Parser {
        self.parser
    }

    pub(super) fn modes(&self) -> Option<&Modes> {
        self.pty.as_ref().map(|pty| &pty.modes)
    }

    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        let Some(pty) = &mut self.pty else {
            return self.parser.read(bytes);
        };
        while let Some((first, rest)) = bytes.split_first() {
            if self.parser.state() != Escape::Ground {
                pty.step(&mut self.parser, *first);
                bytes = rest;
                continue;
            }
            let Some(at) = memchr::memchr3(ESC, SHIFT_OUT, SHIFT_IN, bytes) else {
                return;
            };
            let found = bytes[at];
            bytes = &bytes[at + 1..];
            if found != ESC {
                pty.modes.shift(found);
            } else if let Some(len) = control_sequence(bytes) {
                // Most sequences are of this kind, and whole.
                pty.modes.sequence(&bytes[..len]);
                bytes = &bytes[len..];
            } else {
                pty.step(&mut self.parser, ESC);
            }
        }
    }
}

/// The length of the control sequence at the front, behind its ESC, if it is whole and nothing else is in it.
fn control_sequence(bytes: &[u8]) -> Option<usize> {
    let inside = bytes.strip_prefix(b"[")?;
    let inside = &inside[..inside.len().min(MAX_SEQUENCE_BYTES)];
    let last = inside
        .iter()
        .position(|byte| !matches!(byte, 0x20..=0x3f))?;
    matches!(inside[last], 0x40..=0x7e).then_some(last + 2)
}

impl Pty {
    /// Reads one byte of a sequence.
    fn step(&mut self, parser: &mut Parser, byte: u8) {
        let before = parser.state();
        parser.step(byte);
        let after = parser.state();
        // xterm.js carries a command out at the ESC that ends it, whether a backslash follows or not.
        if before == Escape::Command && matches!(byte, ESC | BEL) {
            self.end();
        }
        match byte {
            ESC => self.sequence.clear(),
            // Other control characters act by themselves.
            SHIFT_OUT | SHIFT_IN if !matches!(before, Escape::Command | Escape::Text) => {
                self.modes.shift(byte);
            }
            0..=b'\x1f' | DELETE => {}
            _ => {
                if self.sequence.len() < MAX_SEQUENCE_BYTES {
                    self.sequence.push(byte);
                }
                if after == Escape::Ground {
                    self.end();
                }
            }
        }
    }

    fn end(&mut self) {
        let is_text = self.sequence.first() == Some(&b']');
        if is_text || self.sequence.len() < MAX_SEQUENCE_BYTES {
            self.modes.sequence(&self.sequence);
        }
    }
}
