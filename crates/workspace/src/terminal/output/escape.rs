//! Escape sequences: whether a screen is in the middle of one (ECMA-48, as xterm reads it).

/// The state of a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Escape {
    /// Outside of a sequence: the next byte is text, or begins a sequence.
    #[default]
    Ground,
    /// After ESC.
    Begun,
    /// After ESC and an intermediate byte: one more byte follows.
    Intermediate,
    /// After ESC `[`, in its parameters.
    Control,
    /// In an operating system command (OSC), which BEL ends, too.
    Command,
    /// In another control string: DCS, SOS, PM or APC.
    Text,
    /// After ESC inside a control string: it has ended, with a backslash or as another sequence begins.
    TextEnd,
}

pub(super) const ESC: u8 = 0x1b;

/// Follows the state of a screen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parser(Escape);

impl Parser {
    pub(crate) const fn state(self) -> Escape {
        self.0
    }

    pub(super) const fn step(&mut self, byte: u8) {
        self.0 = next(self.0, byte);
    }

    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.0 == Escape::Ground {
                let Some(at) = memchr::memchr(ESC, bytes) else {
                    return;
                };
                self.0 = Escape::Begun;
                bytes = &bytes[at + 1..];
            } else {
                self.step(bytes[0]);
                bytes = &bytes[1..];
            }
        }
    }
}

const fn next(state: Escape, byte: u8) -> Escape {
    match (state, byte) {
        // CAN and SUB end every sequence.
        (_, 0x18 | 0x1a) => Escape::Ground,
        (Escape::Command | Escape::Text, ESC) => Escape::TextEnd,
        // Also in the ground state.
        (_, ESC) => Escape::Begun,
        (Escape::Command, 0x07) | (Escape::TextEnd, b'\\') => Escape::Ground,
        (Escape::Command, _) => Escape::Command,
        (Escape::Text, _) => Escape::Text,
        // DEL is ignored inside of a sequence.
        (Escape::Begun | Escape::Intermediate | Escape::Control, 0x7f) => state,
        (Escape::Begun | Escape::TextEnd, _) => match byte {
            b'[' => Escape::Control,
            b']' => Escape::Command,
            b'P' | b'X' | b'^' | b'_' => Escape::Text,
            // SS2 and SS3 take one more byte, like an intermediate byte.
            b'N' | b'O' | 0x20..=0x2f => Escape::Intermediate,
            // Other control characters do not end the sequence.
            0x00..=0x1f | 0x7f => Escape::Begun,
            _ => Escape::Ground,
        },
        (Escape::Intermediate, 0x00..=0x2f) => Escape::Intermediate,
        (Escape::Control, 0x00..=0x3f) => Escape::Control,
        (Escape::Ground | Escape::Intermediate | Escape::Control, _) => Escape::Ground,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_ends_where_its_last_byte_is() {
        for whole in [
            &b"\x1b[1;31m"[..],
            b"\x1b[?2004h",
            b"\x1b(B",
            b"\x1bOP",
            b"\x1b7",
            b"\x1b]0;title\x07",
            b"\x1b]8;;http://x\x1b\\",
            b"\x1bPq#0;2;0;0;0\n~~\x1b\\",
            b"\x1bPtmux;\x07 more\x1b\\",
            b"\x1b_app\x07\x1b\\",
            b"\x1b[?25\x7fl",
            b"\x1b\x7f7",
            b"\x1b[12\x18",
            b"\x1b[1\x1b[2J",
            b"\x1b]never ended\x1b[m",
        ] {
            let mut parser = Parser::default();
            for (at, byte) in whole.iter().enumerate() {
                parser.read(&[*byte]);
                let ended = parser.state() == Escape::Ground;
                assert_eq!(ended, at + 1 == whole.len(), "{whole:?} at {at}");
            }
            let mut parser = Parser::default();
            parser.read(b"text");
            parser.read(whole);
            parser.read("é".as_bytes());
            assert_eq!(parser.state(), Escape::Ground);
        }
    }
}
