//! Reads the head of a message: from its first byte to the empty line that ends it.

use std::io;

use crate::socket::Reader;

/// How many bytes of empty lines may come before a message. Old clients send one after the body of a POST, and
/// RFC 9112 (2.2) has one skipped; this is far more than anybody sends by mistake.
const MAX_EMPTY: usize = 1 << 10;

/// Why there is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    /// The connection closed or failed first.
    Gone,
    /// Too long, or too many lines.
    TooLarge,
    /// Not HTTP/1, or not valid.
    Invalid,
}

impl From<io::Error> for HeadError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Drops empty lines, and waits for the first byte of a message.
pub(crate) async fn skip_empty_lines(reader: &mut Reader<'_>) -> Result<(), HeadError> {
    let mut left = MAX_EMPTY;
    loop {
        let held = reader.held();
        let is_empty = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let empty = held.iter().take_while(is_empty).count();
        let begun = empty < held.len();
        left = left.checked_sub(empty).ok_or(HeadError::Invalid)?;
        reader.consume(empty);
        if begun {
            return Ok(());
        }
        if reader.fill().await? == 0 {
            return Err(HeadError::Gone);
        }
    }
}

/// What is asked of a head while it arrives.
pub(super) struct HeadRules {
    /// The most bytes, the empty line at the end included.
    pub(super) max: usize,
    /// Whether the message may begin with these bytes: its first line if that is complete, else a part of it. What
    /// is no HTTP is refused at once, and not only when it ends.
    pub(super) begins: fn(&[u8], bool) -> bool,
}

/// Reads until a whole head is held, and returns its length. `heard` is called whenever a part of it arrives.
pub(super) async fn whole_head(
    reader: &mut Reader<'_>,
    rules: &HeadRules,
    heard: impl Fn(),
) -> Result<usize, HeadError> {
    let mut first_line_seen = false;
    // Every byte is looked at once, but for the line feed that may belong to the end.
    let mut looked = 0;
    loop {
        let held = reader.held();
        if !first_line_seen && !held.is_empty() {
            // Nothing before `looked` is a line feed.
            let end = held[looked..].iter().position(|&byte| byte == b'\n');
            first_line_seen = end.is_some();
            let line = &held[..end.map_or(held.len(), |end| looked + end)];
            if !(rules.begins)(without_cr(line), first_line_seen) {
                return Err(HeadError::Invalid);
            }
        }
        if let Some(length) = head_length(held, &mut looked) {
            return match length {
                length if length > rules.max => Err(HeadError::TooLarge),
                length => Ok(length),
            };
        }
        if held.len() >= rules.max {
            return Err(HeadError::TooLarge);
        }
        if reader.fill().await? == 0 {
            return Err(HeadError::Gone);
        }
        heard();
    }
}

/// The length of the head, once it is complete. Lines end with CRLF or LF alone (RFC 9112, 2.2).
fn head_length(held: &[u8], looked: &mut usize) -> Option<usize> {
    while let Some(at) = held[*looked..].iter().position(|&byte| byte == b'\n') {
        let end = *looked + at;
        match held[end + 1..] {
            [b'\n', ..] => return Some(end + 2),
            [b'\r', b'\n', ..] => return Some(end + 3),
            [] | [b'\r'] => {
                *looked = end;
                return None;
            }
            _ => *looked = end + 1,
        }
    }
    *looked = held.len();
    None
}

/// The line without its CR, if it has one.
pub(super) fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_however_it_arrives() {
        for (head, length) in [
            (&b"A\r\n\r\nbody"[..], Some(5)),
            (b"A\n\nbody\r\n\r\n", Some(3)),
            (b"A\r\nB: \r\n\nbody", Some(9)),
            (b"A\r\n\r\r\n", None),
            (b"A\r\n\r", None),
            (b"A\r\nB: c\r\n", None),
        ] {
            assert_eq!(head_length(head, &mut 0), length, "{}", head.escape_ascii());
            let mut looked = 0;
            let mut found = None;
            for end in 0..=head.len() {
                found = found.or_else(|| head_length(&head[..end], &mut looked));
            }
            assert_eq!(found, length, "{}", head.escape_ascii());
        }
    }
}
