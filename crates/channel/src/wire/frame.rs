//! WebSocket frames as a server writes them: unmasked and never fragmented (RFC 6455 section 5.2).

/// The type of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Opcode {
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xa,
}

/// The longest header a server frame can have: two bytes, and eight for a length beyond 65,535.
pub(crate) const MAX_HEADER_BYTES: usize = 10;

/// The header of an unfragmented frame, and how many of the ten bytes it uses.
#[inline]
pub(crate) fn header(opcode: Opcode, len: usize) -> ([u8; MAX_HEADER_BYTES], usize) {
    let mut bytes = [0; MAX_HEADER_BYTES];
    bytes[0] = 0x80 | opcode as u8;
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the arm")]
    let used = match len {
        0..126 => {
            bytes[1] = len as u8;
            2
        }
        126..65_536 => {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&(len as u16).to_be_bytes());
            4
        }
        _ => {
            bytes[1] = 127;
            bytes[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            10
        }
    };
    (bytes, used)
}

/// Writes the header of an unfragmented frame at the beginning of memory that has room for any. Returns how many bytes it takes.
#[inline]
pub(crate) fn put_header(out: &mut [u8], opcode: Opcode, len: usize) -> usize {
    let (header, used) = header(opcode, len);
    out[..MAX_HEADER_BYTES].copy_from_slice(&header);
    used
}

/// Appends the header of an unfragmented frame.
#[inline]
pub(crate) fn write_header(out: &mut Vec<u8>, opcode: Opcode, len: usize) {
    let (bytes, used) = header(opcode, len);
    out.extend_from_slice(&bytes[..used]);
}

/// A complete frame.
pub(crate) fn frame(opcode: Opcode, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(MAX_HEADER_BYTES + body.len());
    write_header(&mut out, opcode, body.len());
    out.extend_from_slice(body);
    out
}

/// A close frame with a code and a reason (RFC 6455 section 5.5.1; at most 123 bytes of reason).
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut cut = reason.len().min(123);
    while !reason.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut body = code.to_be_bytes().to_vec();
    body.extend_from_slice(&reason.as_bytes()[..cut]);
    frame(Opcode::Close, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_grows_at_126_and_at_65536_bytes() {
        for (len, used) in [
            (0, 2),
            (125, 2),
            (126, 4),
            (65_535, 4),
            (65_536, 10),
            (1 << 20, 10),
        ] {
            assert_eq!(header(Opcode::Text, len).1, used, "{len}");
        }
        assert_eq!(frame(Opcode::Text, b"hi"), [0x81, 2, b'h', b'i']);
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let body = close(1008, &"é".repeat(100));
        assert_eq!(body.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&body[4..]).is_ok());
    }
}
