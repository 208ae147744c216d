//! The modes of a screen: what stays set until a program resets it, so that a replay which begins later has to begin
//! with it.
//!
//! Only bytes that leave the ring are read here. Sequences are those of xterm (ctlseqs), and what they do is what
//! xterm and xterm.js do. Where the two differ it is what xterm.js does, which most viewers are.

use std::fmt::Write as _;

use super::choice::Choice;
use super::keyboard::Keyboard;
use super::sgr::{Attributes, number};

/// The most bytes of a title: more than any window shows.
const MAX_TITLE_BYTES: usize = 256;

/// The most titles that are kept on their stack, as in xterm.
const MAX_TITLES: usize = 10;

/// The most bytes of a prelude: all modes at once, a title and the keyboard's flags. Bounded by the constants above.
pub(crate) const MAX_PRELUDE_BYTES: usize = 1 << 10;

/// Modes that are on or off, set by `CSI ? n h` and reset by `CSI ? n l`, and whether they are on at first: cursor
/// keys, reverse video, origin, autowrap, blinking cursor, visible cursor, reverse wrap, margins at the sides, focus
/// events, scrolling by cursor keys, meta sends escape, bracketed paste, grapheme clusters, colour scheme reports,
/// size reports.
const PRIVATE: [(u16, bool); 15] = [
    (1, false),
    (5, false),
    (6, false),
    (7, true),
    (12, false),
    (25, true),
    (45, false),
    (69, false),
    (1004, false),
    (1007, false),
    (1036, false),
    (2004, false),
    (2027, false),
    (2031, false),
    (2048, false),
];

/// Set by `CSI n h`: insertion, and line feeds that also return.
const ANSI: [u16; 2] = [4, 20];

/// What the mouse reports. The last one that was set counts, and resetting any of them ends all.
const MOUSE: [u16; 4] = [9, 1000, 1002, 1003];

/// How the mouse reports: likewise.
const MOUSE_ENCODING: [u16; 4] = [1005, 1006, 1015, 1016];

/// The alternate screen.
const ALTERNATE: [u16; 3] = [47, 1047, 1049];

pub(super) const SHIFT_OUT: u8 = 0x0e;
pub(super) const SHIFT_IN: u8 = 0x0f;

/// The sequences that choose one of the four character sets: the last two are LS2 and LS3.
const SHIFTS: [&str; 4] = ["\x0f", "\x0e", "\x1bn", "\x1bo"];

/// What `ESC 7` keeps for `ESC 8`, apart from the place of the cursor.
#[derive(Clone, Debug, Default)]
struct Saved {
    attributes: Attributes,
    charsets: [Option<u8>; 4],
    shift: usize,
}

/// What a screen has of its own: the normal and the alternate one have one each.
#[derive(Clone, Debug, Default)]
struct Side {
    saved: Saved,
    keyboard: Keyboard,
    /// The parameters of `CSI … r`; `None` for the whole screen.
    region: Option<(u16, u16)>,
}

/// The modes of a screen. A mode that no program has ever touched is left as the viewer has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modes {
    /// A bit for each of `PRIVATE` and then of `ANSI`: the value differs from the first one.
    changed: u32,
    touched: u32,
    alternate: Choice,
    mouse: Choice,
    mouse_encoding: Choice,
    /// `ESC =` (true) or `ESC >`.
    keypad: Option<bool>,
    region_touched: bool,
    attributes: Attributes,
    attributes_touched: bool,
    /// What `ESC (`, `ESC )`, `ESC *` and `ESC +` have chosen.
    charsets: [Option<u8>; 4],
    /// Which of them is in use, as in [`SHIFTS`].
    shift: Option<usize>,
    cursor_style: Option<u16>,
    /// xterm's `modifyOtherKeys`.
    other_keys: Option<u16>,
    keyboard_touched: bool,
    sides: [Side; 2],
    title: Option<String>,
    titles: Vec<Option<String>>,
}

impl Modes {
    /// A control character that shifts between character sets.
    pub(super) fn shift(&mut self, control: u8) {
        self.shift = Some(usize::from(control == SHIFT_OUT));
    }

    /// A whole sequence, without its ESC.
    pub(super) fn sequence(&mut self, bytes: &[u8]) {
        let Some((first, rest)) = bytes.split_first() else {
            return;
        };
        match (first, rest) {
            (b'[', _) => {
                // Most sequences move the cursor or draw.
                if let Some((last, parameters)) = rest.split_last()
                    && matches!(last, b'h' | b'l' | b'm' | b'p'..=b'u')
                    && let Ok(parameters) = std::str::from_utf8(parameters)
                {
                    self.control(parameters, *last);
                }
            }
            (b']', _) => self.command(rest),
            (b'=', []) => self.keypad = Some(true),
            (b'>', []) => self.keypad = Some(false),
            (b'7', []) => self.save(),
            (b'8', []) => self.restore(),
            (b'c', []) => self.reset(),
            (b'n', []) => self.shift = Some(2),
            (b'o', []) => self.shift = Some(3),
            // The choice of an encoding also gives up the character set.
            (b'%', [b'G' | b'@']) => {
                self.charsets[0] = self.charsets[0].map(|_| ASCII);
                self.shift = self.shift.map(|_| 0);
            }
            (b'(' | b')' | b'*' | b'+', [set]) => {
                self.charsets[usize::from(first - b'(')] = Some(*set);
            }
            _ => {}
        }
    }

    fn control(&mut self, whole: &str, last: u8) {
        let marker = whole.find(|one| !('<'..='?').contains(&one));
        let (marker, rest) = whole.split_at(marker.unwrap_or(whole.len()));
        let end = rest.find(|one| !('0'..=';').contains(&one));
        let (parameters, intermediate) = rest.split_at(end.unwrap_or(rest.len()));
        let all = || parameters.split(';').map(number).collect::<Vec<_>>();
        match (marker, intermediate, last) {
            ("?", "", b'h' | b'l') => {
                for mode in all() {
                    self.private(mode, last == b'h');
                }
            }
            ("", "", b'h' | b'l') => {
                for mode in all() {
                    if let Some(at) = ANSI.iter().position(|one| *one == mode) {
                        self.put(PRIVATE.len() + at, last == b'h');
                    }
                }
            }
            ("", "", b'm') => {
                self.attributes_touched = true;
                self.attributes.apply(parameters);
            }
            (">", "", b'm') => {
                if let [4, rest @ ..] = all().as_slice() {
                    self.other_keys = Some(rest.first().copied().unwrap_or_default());
                }
            }
            ("", "", b'r') => {
                let all = all();
                let (top, bottom) = (all[0].max(1), all.get(1).copied().unwrap_or_default());
                if bottom == 0 || bottom > top {
                    self.region_touched = true;
                    self.side().region = (top > 1 || bottom > 0).then_some((top, bottom));
                }
            }
            ("", "!", b'p') => self.soft_reset(),
            ("", "", b's') if parameters.is_empty() => self.save(),
            ("", "", b'u') if parameters.is_empty() => self.restore(),
            (">" | "<" | "=", "", b'u') => {
                self.keyboard_touched = true;
                self.side().keyboard.apply(whole);
            }
            ("", " ", b'q') => self.cursor_style = Some(number(parameters)),
            ("", "", b't') => match all().as_slice() {
                [22, 0 | 2, ..] | [22] => {
                    if self.titles.len() == MAX_TITLES {
                        self.titles.remove(0);
                    }
                    self.titles.push(self.title.clone());
                }
                [23, 0 | 2, ..] | [23] => {
                    if let Some(title) = self.titles.pop() {
                        self.title = Some(title.unwrap_or_default());
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn private(&mut self, mode: u16, on: bool) {
        if ALTERNATE.contains(&mode) {
            if mode == 1049 && on {
                self.save();
            }
            self.alternate.change(&ALTERNATE, mode, on);
            if !on {
                // The next time it begins whole.
                self.sides[1].region = None;
            }
            if mode == 1049 && !on {
                self.restore();
            }
        } else if mode == 1048 {
            if on { self.save() } else { self.restore() }
        } else if mode == 66 {
            self.keypad = Some(on);
        } else if let Some(at) = PRIVATE.iter().position(|(one, _)| *one == mode) {
            self.put(at, on != PRIVATE[at].1);
        } else if !self.mouse.change(&MOUSE, mode, on) {
            self.mouse_encoding.change(&MOUSE_ENCODING, mode, on);
        }
    }

    fn put(&mut self, bit: usize, changed: bool) {
        self.touched |= 1 << bit;
        if changed {
            self.changed |= 1 << bit;
        } else {
            self.changed &= !(1 << bit);
        }
    }

    fn side(&mut self) -> &mut Side {
        &mut self.sides[usize::from(self.alternate.now.is_some())]
    }

    fn save(&mut self) {
        self.side().saved = Saved {
            attributes: self.attributes,
            charsets: self.charsets,
            shift: self.shift.unwrap_or_default(),
        };
    }

    fn restore(&mut self) {
        let saved = self.side().saved.clone();
        self.attributes_touched |= saved.attributes != self.attributes;
        self.attributes = saved.attributes;
        for (charset, saved) in self.charsets.iter_mut().zip(saved.charsets) {
            *charset = saved.or(charset.map(|_| ASCII));
        }
        self.shift = self.shift.map(|_| saved.shift);
    }

    /// A command of the operating system (OSC): titles.
    fn command(&mut self, bytes: &[u8]) {
        let Some(text) = bytes
            .strip_prefix(b"0;")
            .or_else(|| bytes.strip_prefix(b"2;"))
        else {
            return;
        };
        let text = String::from_utf8_lossy(text);
        let printable = text.chars().filter(|one| !one.is_control());
        let mut title = String::new();
        for one in printable {
            if title.len() + one.len_utf8() > MAX_TITLE_BYTES {
                break;
            }
            title.push(one);
        }
        self.title = Some(title);
    }

    /// `ESC c`: everything is as at first, but for the title. What was touched stays touched, or a viewer would keep it.
    fn reset(&mut self) {
        self.changed = 0;
        self.alternate.now = None;
        self.mouse.now = None;
        self.mouse_encoding.now = None;
        self.other_keys = self.other_keys.map(|_| 0);
        self.sides = <[Side; 2]>::default();
        self.soft_reset();
    }

    /// `CSI ! p`: what a program may have left behind that makes text unreadable.
    fn soft_reset(&mut self) {
        for (bit, (mode, _)) in PRIVATE.iter().enumerate() {
            if matches!(mode, 1 | 6 | 7 | 25 | 45 | 69 | 1004 | 2004) {
                self.changed &= !(1 << bit);
            }
        }
        // Insertion.
        self.changed &= !(1 << PRIVATE.len());
        self.keypad = self.keypad.map(|_| false);
        self.cursor_style = self.cursor_style.map(|_| 0);
        self.side().region = None;
        self.attributes = Attributes::default();
        self.charsets = self.charsets.map(|charset| charset.map(|_| ASCII));
        self.shift = self.shift.map(|_| 0);
        self.side().saved = Saved::default();
    }

    /// The sequences that give a screen these modes. Empty if no program has touched any.
    pub(crate) fn prelude(&self) -> String {
        let mut out = String::new();
        // A viewer that is in the alternate screen already keeps what it knows of the normal one, if possible.
        if self.alternate.now.is_none() || self.sides[0].region.is_some() {
            if self.alternate.is_touched() {
                // Not 1049, which would also move the cursor.
                out.push_str("\x1b[?1047l");
            }
            self.write_region(0, &mut out);
        }
        if let Some(mode) = self.alternate.now {
            let _ = write!(out, "\x1b[?{mode}h");
            self.write_region(1, &mut out);
        }
        self.write_flags(&mut out);
        self.mouse.write(&MOUSE, &mut out);
        self.mouse_encoding.write(&MOUSE_ENCODING, &mut out);
        if let Some(application) = self.keypad {
            out.push_str(if application { "\x1b=" } else { "\x1b>" });
        }
        for (charset, begin) in self.charsets.iter().zip(['(', ')', '*', '+']) {
            if let Some(charset) = charset {
                let _ = write!(out, "\x1b{begin}{}", char::from(*charset));
            }
        }
        if let Some(shift) = self.shift {
            out.push_str(SHIFTS[shift]);
        }
        if let Some(style) = self.cursor_style {
            let _ = write!(out, "\x1b[{style} q");
        }
        if let Some(level) = self.other_keys {
            let _ = write!(out, "\x1b[>4;{level}m");
        }
        if self.keyboard_touched {
            let side = usize::from(self.alternate.now.is_some());
            self.sides[side].keyboard.write(&mut out);
        }
        if let Some(title) = &self.title {
            let _ = write!(out, "\x1b]2;{title}\x1b\\");
        }
        if self.attributes_touched {
            self.attributes.write(&mut out);
        }
        debug_assert!(out.len() <= MAX_PRELUDE_BYTES);
        out
    }

    fn write_region(&self, side: usize, out: &mut String) {
        if self.region_touched {
            // Its sequence moves the cursor.
            let _ = match self.sides[side].region {
                Some((top, 0)) => write!(out, "\x1b7\x1b[{top}r\x1b8"),
                Some((top, bottom)) => write!(out, "\x1b7\x1b[{top};{bottom}r\x1b8"),
                None => write!(out, "\x1b7\x1b[r\x1b8"),
            };
        }
    }

    fn write_flags(&self, out: &mut String) {
        let is = |set: u32, bit: usize| set & (1 << bit) != 0;
        for on in [true, false] {
            let one = |at: usize, first: bool| {
                is(self.touched, at) && (is(self.changed, at) != first) == on
            };
            let end = if on { 'h' } else { 'l' };
            let private = PRIVATE.iter().enumerate();
            for (_, (mode, _)) in private.filter(|(at, (_, first))| one(*at, *first)) {
                let _ = write!(out, "\x1b[?{mode}{end}");
            }
            for (at, mode) in ANSI.iter().enumerate() {
                if one(PRIVATE.len() + at, false) {
                    let _ = write!(out, "\x1b[{mode}{end}");
                }
            }
        }
    }
}

/// The character set of plain text.
const ASCII: u8 = b'B';

#[cfg(test)]
#[path = "modes_test.rs"]
mod tests;
