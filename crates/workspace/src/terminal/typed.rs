//! Text that a client types. A client that counts UTF-16 units may cut it in the middle of a character.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// For half of a character whose other half does not come.
pub(super) const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// A text, perhaps with half a character at its start and at its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TypedText {
    /// The second half of a character: a low surrogate.
    pub(super) begins: Option<u16>,
    pub(super) text: String,
    /// The first half of a character: a high surrogate.
    pub(super) ends: Option<u16>,
}

impl TypedText {
    /// Reads what serde_json makes of lone surrogates if it is asked for bytes: UTF-8 with three bytes for each.
    fn read(bytes: &[u8]) -> Self {
        let mut read = Self::default();
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    read.text.push_str(text);
                    return read;
                }
                Err(error) => {
                    let (text, behind) = rest.split_at(error.valid_up_to());
                    read.text.push_str(&String::from_utf8_lossy(text));
                    let first = text.is_empty() && rest.len() == bytes.len();
                    let unit = surrogate(behind);
                    rest = behind.get(3..).unwrap_or_default();
                    match unit {
                        Some(low @ 0xdc00..) if first => read.begins = Some(low),
                        Some(high @ ..0xdc00) if rest.is_empty() => read.ends = Some(high),
                        _ => read.text.push(REPLACEMENT),
                    }
                }
            }
        }
    }
}

fn surrogate(bytes: &[u8]) -> Option<u16> {
    match bytes {
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
            Some(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f))
        }
        _ => None,
    }
}

impl<'de> Deserialize<'de> for TypedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = TypedText;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<TypedText, E> {
                Ok(TypedText::read(bytes))
            }
        }

        deserializer.deserialize_bytes(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Option<u16>, String, Option<u16>) {
        let read: TypedText = serde_json::from_str(json).expect(json);
        (read.begins, read.text, read.ends)
    }

    #[test]
    fn halves_are_kept_at_the_edges_and_replaced_inside() {
        for (json, expected) in [
            (r#""plain é漢😀""#, (None, "plain é漢😀", None)),
            (r#""""#, (None, "", None)),
            (r#""\ud83d\ude00""#, (None, "😀", None)),
            (r#""x\ud83d""#, (None, "x", Some(0xd83d))),
            (r#""\ud83d""#, (None, "", Some(0xd83d))),
            (r#""\ude00x""#, (Some(0xde00), "x", None)),
            (r#""\ude00""#, (Some(0xde00), "", None)),
            (r#""\ude00\ud83d""#, (Some(0xde00), "", Some(0xd83d))),
            (r#""\ude00\ude00""#, (Some(0xde00), "\u{fffd}", None)),
            (r#""\ud83d\ud83d""#, (None, "\u{fffd}", Some(0xd83d))),
            (r#""a\ud83db\ude00c""#, (None, "a\u{fffd}b\u{fffd}c", None)),
            (r#""x\ude00""#, (None, "x\u{fffd}", None)),
            (r#""\ud83dx""#, (None, "\u{fffd}x", None)),
        ] {
            let (begins, text, ends) = expected;
            assert_eq!(read(json), (begins, text.to_owned(), ends), "{json}");
        }
        for json in ["7", "[104]", "null", "{}", r#""\x""#] {
            assert!(serde_json::from_str::<TypedText>(json).is_err(), "{json}");
        }
    }
}
