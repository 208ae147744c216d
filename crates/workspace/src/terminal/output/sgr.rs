//! Attributes of characters: what the sequence `CSI … m` (SGR) sets.

use std::fmt::Write as _;

/// A colour as a sequence names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    /// One of the sixteen that have numbers of their own: `31`, `94`, `107`.
    Own(u8),
    Indexed(u8),
    Rgb([u8; 3]),
}

/// Attributes that are on or off: the number that sets one, and the number that resets it.
const FLAGS: [(u16, u16); 9] = [
    (1, 22),
    (2, 22),
    (3, 23),
    (5, 25),
    (6, 25),
    (7, 27),
    (8, 28),
    (9, 29),
    (53, 55),
];

/// The attributes of the next character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// A bit for each of [`FLAGS`].
    flags: u16,
    /// 0 for none, 1 for a single one, up to 5 for other kinds.
    underline: u8,
    /// Of the character, the background and the underline.
    colours: [Option<Colour>; 3],
}

impl Attributes {
    /// Applies the parameters of a sequence: `1;31`, `38;2;1;2;3`, `4:3`.
    pub(super) fn apply(&mut self, parameters: &str) {
        // Most have one parameter of one or two digits.
        match *parameters.as_bytes() {
            [] => return self.set(0),
            [ones @ b'0'..=b'9'] if ones != b'4' => return self.set(u16::from(ones - b'0')),
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
                let number = u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
                if !matches!(number, 4 | 38 | 48 | 58) {
                    return self.set(number);
                }
            }
            _ => {}
        }
        let mut all = parameters.split(';');
        while let Some(one) = all.next() {
            let mut parts = one.split(':');
            let number = parts.next().map_or(0, number);
            let target = match number {
                38 => 0,
                48 => 1,
                58 => 2,
                4 => {
                    let kind = parts.next().map_or(1, self::number);
                    self.underline = u8::try_from(kind.min(5)).unwrap_or(1);
                    continue;
                }
                _ => {
                    self.set(number);
                    continue;
                }
            };
            let colour = if one.contains(':') {
                let parts: Vec<_> = parts.collect();
                match parts.as_slice() {
                    ["5", index, ..] => Some(Colour::Indexed(byte(index))),
                    // With the colour space's id, which may be empty, or without it.
                    ["2", _, red, green, blue, ..] | ["2", red, green, blue] => {
                        Some(Colour::Rgb([byte(red), byte(green), byte(blue)]))
                    }
                    _ => None,
                }
            } else {
                let mut next = || all.next().map_or(0, byte);
                match next() {
                    5 => Some(Colour::Indexed(next())),
                    2 => Some(Colour::Rgb([next(), next(), next()])),
                    _ => None,
                }
            };
            if colour.is_some() {
                self.colours[target] = colour;
            }
        }
    }

    fn set(&mut self, number: u16) {
        let own = u8::try_from(number).ok().map(Colour::Own);
        match number {
            0 => *self = Self::default(),
            21 => self.underline = 2,
            24 => self.underline = 0,
            30..=37 | 90..=97 => self.colours[0] = own,
            40..=47 | 100..=107 => self.colours[1] = own,
            39 => self.colours[0] = None,
            49 => self.colours[1] = None,
            59 => self.colours[2] = None,
            _ => {
                for (bit, (on, off)) in FLAGS.iter().enumerate() {
                    if *on == number {
                        self.flags |= 1 << bit;
                    } else if *off == number {
                        self.flags &= !(1 << bit);
                    }
                }
            }
        }
    }

    /// The sequence that sets these and no others.
    pub(super) fn write(&self, out: &mut String) {
        out.push_str("\x1b[0");
        for (bit, (on, _)) in FLAGS.iter().enumerate() {
            if self.flags & (1 << bit) != 0 {
                let _ = write!(out, ";{on}");
            }
        }
        let _ = match self.underline {
            0 => Ok(()),
            1 => write!(out, ";4"),
            2 => write!(out, ";21"),
            kind => write!(out, ";4:{kind}"),
        };
        for (colour, number) in self.colours.iter().zip([38, 48, 58]) {
            let _ = match colour {
                None => Ok(()),
                Some(Colour::Own(own)) => write!(out, ";{own}"),
                Some(Colour::Indexed(index)) => write!(out, ";{number};5;{index}"),
                Some(Colour::Rgb([red, green, blue])) => {
                    write!(out, ";{number};2;{red};{green};{blue}")
                }
            };
        }
        out.push('m');
    }
}

/// A parameter; 0 if there is none.
pub(super) fn number(text: &str) -> u16 {
    text.parse().unwrap_or_default()
}

fn byte(text: &str) -> u8 {
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(parameters: &str) -> String {
        let mut attributes = Attributes::default();
        attributes.apply(parameters);
        let mut out = String::new();
        attributes.write(&mut out);
        out
    }

    #[test]
    fn attributes_are_written_as_they_were_read() {
        for (read, written) in [
            ("", "0"),
            ("0", "0"),
            ("1;31", "0;1;31"),
            ("1;2;22", "0"),
            ("3;4;7;9;53", "0;3;7;9;53;4"),
            ("4:3", "0;4:3"),
            ("4;24;21", "0;21"),
            ("38;5;200;48;2;1;2;3", "0;38;5;200;48;2;1;2;3"),
            ("38:5:200", "0;38;5;200"),
            ("38:2::1:2:3", "0;38;2;1;2;3"),
            ("38:2:1:2:3", "0;38;2;1;2;3"),
            ("58;5;9;97;105", "0;97;105;58;5;9"),
            ("31;39;41;49", "0"),
            ("1;;31", "0;31"),
            ("38;7;1", "0;1"),
            ("999999", "0"),
        ] {
            assert_eq!(after(read), format!("\x1b[{written}m"), "{read}");
        }
    }
}
