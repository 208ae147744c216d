//! JSON: written by hand for the hot path of an event, and read with what JavaScript may put into it.

use std::time::SystemTime;

pub use super::surrogates::read;
pub(crate) use super::surrogates::replace_lone;

/// How many bytes are checked together.
const WORD: usize = size_of::<u64>();

/// Whether a JSON string must escape the byte (RFC 8259 section 7): control characters, the quote, the backslash.
const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Not 0 if one of the bytes must be escaped; then the lowest bit is in the first of them. By arithmetic on all of them at once,
/// which compilers do for several words together. Where they are to compare bytes, they shuffle them first.
#[inline]
const fn escaped_in(bytes: [u8; WORD]) -> u64 {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; WORD])
    }
    let word = u64::from_le_bytes(bytes);
    // Below 0x80, a byte gets its highest bit by being less than what is subtracted, or because one before it was.
    let control = word.wrapping_sub(all(0x20));
    let quote = (word ^ all(b'"')).wrapping_sub(all(1));
    let backslash = (word ^ all(b'\\')).wrapping_sub(all(1));
    (control | quote | backslash) & !word & all(0x80)
}

/// Whether one of the bytes must be escaped. The last word may overlap the one before.
#[inline]
fn must_escape(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.iter().any(|byte| is_escaped(*byte));
    };
    let (words, _) = bytes.as_chunks();
    // Without an early exit, which would keep the compiler from taking several.
    let found = words
        .iter()
        .fold(escaped_in(*last), |found, word| found | escaped_in(*word));
    found != 0
}

/// Appends `text` as a JSON string with its quotes. Text without escapes is copied in one piece.
#[inline]
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    if must_escape(bytes) {
        write_escaped(out, bytes);
    } else {
        out.extend_from_slice(bytes);
    }
    out.push(b'"');
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(word) = rest.first_chunk() {
        // A whole word is one move. What is too much of it goes away again.
        out.extend_from_slice(word);
        let found = escaped_in(*word);
        if found == 0 {
            rest = &rest[WORD..];
            continue;
        }
        // The first one is exact: nothing before it can have been less.
        let plain = found.trailing_zeros() as usize / 8;
        out.truncate(out.len() - (WORD - plain));
        write_escape(out, word[plain]);
        rest = &rest[plain + 1..];
    }
    for &byte in rest {
        if is_escaped(byte) {
            write_escape(out, byte);
        } else {
            out.push(byte);
        }
    }
}

#[cold]
fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Appends `,"timestamp":"2025-10-16T12:00:00.000Z"`: ISO 8601, UTC, milliseconds.
pub fn write_timestamp(out: &mut Vec<u8>, at: SystemTime) {
    out.extend_from_slice(br#","timestamp":""#);
    out.extend_from_slice(timestamp(at).as_bytes());
    out.push(b'"');
}

/// `2025-10-16T12:00:00.000Z`
#[must_use]
pub fn timestamp(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_comes_out_as_serde_json_writes_it() {
        for text in [
            "",
            "plain",
            "a\"b\\c",
            "\u{0}\u{1f}\n\r\t\u{8}\u{c}\u{7f}",
            "café — 🎉 ─│",
            "\u{2028}",
        ] {
            // Short, and over many words with the same at other places of each.
            for text in [text.to_owned(), format!("{text}, plain ").repeat(20)] {
                let mut out = Vec::new();
                write_string(&mut out, &text);
                assert_eq!(
                    String::from_utf8(out).ok(),
                    serde_json::to_string(&text).ok()
                );
            }
        }
    }

    #[test]
    fn what_must_be_escaped_is_found_at_each_place_of_each_length() {
        for len in 0..100 {
            let plain = "é".repeat(len / 2) + &"x".repeat(len % 2);
            assert!(!must_escape(plain.as_bytes()), "{len}");
            for at in 0..len {
                for byte in [0, 0x1f, b'"', b'\\'] {
                    let mut bytes = plain.clone().into_bytes();
                    bytes[at] = byte;
                    assert!(must_escape(&bytes), "{byte} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn a_timestamp_has_milliseconds_and_a_z() {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_760_616_000_000);
        assert_eq!(timestamp(at), "2025-10-16T12:00:00.000Z");
    }
}
