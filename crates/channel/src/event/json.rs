//! JSON: written by hand for the hot path of an event, and read with what JavaScript may put into it.

use std::time::SystemTime;

pub use super::surrogates::read;
pub(crate) use super::surrogates::replace_lone;

/// How many bytes are checked together: two registers of SSE2, which every x86-64 has, or of NEON.
const BLOCK: usize = 32;

/// Whether a JSON string must escape the byte (RFC 8259 section 7): control characters, the quote, the backslash.
#[inline]
const fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Appends `text` as a JSON string with its quotes. Text without escapes is copied in one piece.
#[inline]
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    // Without an early exit inside a block, the compiler can vectorise the check.
    let escaped = |block: &[u8]| {
        block
            .iter()
            .fold(false, |any, byte| any | is_escaped(*byte))
    };
    if bytes.chunks(BLOCK).any(escaped) {
        write_escaped(out, bytes);
    } else {
        out.extend_from_slice(bytes);
    }
    out.push(b'"');
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if is_escaped(byte) {
            out.extend_from_slice(&bytes[start..at]);
            write_escape(out, byte);
            start = at + 1;
        }
    }
    out.extend_from_slice(&bytes[start..]);
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
            let mut out = Vec::new();
            write_string(&mut out, text);
            assert_eq!(
                String::from_utf8(out).ok(),
                serde_json::to_string(text).ok()
            );
        }
    }

    #[test]
    fn a_timestamp_has_milliseconds_and_a_z() {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_760_616_000_000);
        assert_eq!(timestamp(at), "2025-10-16T12:00:00.000Z");
    }
}
