//! A streaming UTF-8 decoder that writes JSON: it never splits a character, and invalid bytes become U+FFFD.

use super::ring::Partial;

/// Replaces invalid bytes.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The bytes that are decoded between two checks of the message's length.
const BLOCK: usize = 1 << 10;

/// The bytes that are checked together for characters to escape: two registers of SSE2 or NEON.
const LOOK: usize = 32;

/// The most bytes of JSON for one byte of input: `\u001b`.
pub(crate) const GROWTH: usize = 6;

/// How far a message can grow beyond its limit.
pub(crate) const OVERRUN: usize = BLOCK * GROWTH + 2 * REPLACEMENT.len();

/// The character behind the backslash for each byte: 0 if the byte is not escaped, `u` if it is written as a number.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = b'u';
        at += 1;
    }
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[b'\t' as usize] = b't';
    table[0x08] = b'b';
    table[0x0c] = b'f';
    table
};

/// The decoder of one stream for one connection.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    held: Partial,
    /// How many bytes may still belong to a character whose first bytes were overwritten.
    orphans: u8,
}

impl Decoder {
    /// A decoder that has already read the first bytes of a character.
    pub(crate) const fn with(held: Partial) -> Self {
        Self { held, orphans: 0 }
    }

    /// A decoder for a stream whose start was overwritten.
    pub(crate) const fn after_gap() -> Self {
        Self {
            held: Partial {
                bytes: [0; 3],
                len: 0,
                start: 0,
            },
            orphans: 3,
        }
    }

    /// The first bytes of a character that is not complete yet.
    pub(crate) const fn held(&self) -> &Partial {
        &self.held
    }

    /// Whether these bytes would write any text: a few bytes may be the middle of a character.
    pub(crate) fn would_write(&self, parts: [&[u8]; 2]) -> bool {
        let more = parts[0].len() + parts[1].len();
        if more > 3 + usize::from(self.orphans) {
            return true;
        }
        let mut trial = Self {
            held: self.held,
            orphans: self.orphans,
        };
        let mut out = Vec::new();
        for part in parts {
            trial.write(&mut out, part, 0, usize::MAX);
        }
        !out.is_empty()
    }

    /// Appends the text of `bytes`, which begin at the offset `at`, escaped for a JSON string, until `out` reaches
    /// `limit`. Returns how many bytes were taken, including those that are held.
    pub(crate) fn write(
        &mut self,
        out: &mut Vec<u8>,
        bytes: &[u8],
        at: u64,
        limit: usize,
    ) -> usize {
        let mut used = 0;
        while self.orphans > 0 && used < bytes.len() {
            self.orphans -= 1;
            if bytes[used] & 0b1100_0000 != 0b1000_0000 {
                self.orphans = 0;
                break;
            }
            used += 1;
        }
        while self.held.len > 0 && used < bytes.len() {
            used += usize::from(self.complete(out, bytes[used]));
        }
        while used < bytes.len() && out.len() < limit {
            let block = &bytes[used..bytes.len().min(used + BLOCK)];
            let Err(error) = std::str::from_utf8(block) else {
                escape(out, block);
                used += block.len();
                continue;
            };
            let (valid, rest) = block.split_at(error.valid_up_to());
            escape(out, valid);
            used += valid.len();
            match error.error_len() {
                Some(wrong) => {
                    out.extend_from_slice(REPLACEMENT);
                    used += wrong;
                }
                None if used + rest.len() == bytes.len() => {
                    self.held.bytes[..rest.len()].copy_from_slice(rest);
                    self.held.len = rest.len();
                    self.held.start = at + used as u64;
                    used += rest.len();
                }
                // The next block begins with the incomplete character.
                None => {}
            }
        }
        used
    }

    /// Adds a byte to the held character. False if it does not belong to it.
    fn complete(&mut self, out: &mut Vec<u8>, byte: u8) -> bool {
        let len = self.held.len;
        let mut bytes = [0; 4];
        bytes[..len].copy_from_slice(&self.held.bytes[..len]);
        bytes[len] = byte;
        match std::str::from_utf8(&bytes[..=len]) {
            Ok(character) => {
                out.extend_from_slice(character.as_bytes());
                self.held.len = 0;
                true
            }
            // Four bytes are either a character or invalid.
            Err(error) if error.error_len().is_none() && len < 3 => {
                self.held.bytes[len] = byte;
                self.held.len += 1;
                true
            }
            Err(_) => {
                self.finish(out);
                false
            }
        }
    }

    /// The stream has ended: an incomplete character is invalid.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.held.len > 0 {
            self.held.len = 0;
            out.extend_from_slice(REPLACEMENT);
        }
    }
}

/// Appends text, escaped for a JSON string.
fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut clean = 0;
    for (at, block) in bytes.chunks(LOOK).enumerate() {
        // Without an early exit the compiler vectorises this.
        let special = block.iter().fold(false, |any, byte| {
            any | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\')
        });
        if special {
            let start = at * LOOK;
            out.extend_from_slice(&bytes[clean..start]);
            escape_block(out, block);
            clean = start + block.len();
        }
    }
    out.extend_from_slice(&bytes[clean..]);
}

fn escape_block(out: &mut Vec<u8>, block: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; LOOK * GROWTH];
    let mut used = 0;
    for &byte in block {
        let escape = ESCAPES[usize::from(byte)];
        if escape == 0 {
            text[used] = byte;
            used += 1;
            continue;
        }
        text[used] = b'\\';
        text[used + 1] = escape;
        used += 2;
        if escape == b'u' {
            let digits = [
                b'0',
                b'0',
                HEX[usize::from(byte >> 4)],
                HEX[usize::from(byte & 15)],
            ];
            text[used..used + 4].copy_from_slice(&digits);
            used += 4;
        }
    }
    out.extend_from_slice(&text[..used]);
}

#[cfg(test)]
#[path = "decode_test.rs"]
mod tests;
