//! The header of a client's frame (RFC 6455 section 5.2), and what no client may write there.

use crate::wire::Close;

/// The longest header of a client: two bytes, eight of the length, four of the mask.
pub(super) const MAX_HEADER_BYTES: usize = 14;

/// The longest body of a control frame (section 5.5).
pub(super) const MAX_CONTROL_BYTES: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Kind {
    const fn of(opcode: u8) -> Option<Self> {
        Some(match opcode {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// Whether the message ends with this frame.
    pub(super) last: bool,
    /// The length of the body: at most the limit that was given.
    pub(super) len: usize,
    pub(super) mask: [u8; 4],
}

impl Header {
    /// Reads the header at the start of `bytes`, and its length. `None` if it is not complete. `max` is the limit of a
    /// body.
    ///
    /// # Errors
    /// The close that the header deserves.
    pub(super) fn read(bytes: &[u8], max: usize) -> Result<Option<(Self, usize)>, Close> {
        let &[first, second, ref rest @ ..] = bytes else {
            return Ok(None);
        };
        let masked = second & 0x80 != 0;
        let short = second & 0x7f;
        let wide = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let used = 2 + wide + if masked { 4 } else { 0 };
        if bytes.len() < used {
            return Ok(None);
        }
        let len = match wide {
            0 => u64::from(short),
            _ => rest[..wide]
                .iter()
                .fold(0, |len, byte| (len << 8) | u64::from(*byte)),
        };
        // No reserved bit has a meaning: there are no extensions.
        let kind = Kind::of(first & 0x0f).filter(|_| first & 0x70 == 0);
        let kind = kind.ok_or_else(Close::protocol)?;
        let minimal = match wide {
            0 => true,
            2 => len > 125,
            _ => len > 0xffff,
        };
        let last = first & 0x80 != 0;
        if !minimal || (kind.is_control() && (!last || len > MAX_CONTROL_BYTES as u64)) {
            return Err(Close::protocol());
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len > max && !kind.is_control() {
            return Err(Close::too_big());
        }
        let mask = rest[wide..].first_chunk().filter(|_| masked);
        let mask = *mask.ok_or_else(Close::protocol)?;
        let header = Self {
            kind,
            last,
            len,
            mask,
        };
        Ok(Some((header, used)))
    }
}

/// Removes the mask from bytes that begin at the offset `at` of a body.
pub(super) fn unmask(bytes: &mut [u8], mut mask: [u8; 4], at: usize) {
    mask.rotate_left(at % 4);
    let [a, b, c, d] = mask;
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<(Header, usize)>, u16> {
        Header::read(bytes, 1 << 20).map_err(|close| close.code)
    }

    #[test]
    fn a_header_is_read_as_soon_as_it_is_whole() {
        let whole = [0x82, 0xfe, 0x01, 0x00, 1, 2, 3, 4];
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), Ok(None), "{cut}");
        }
        let header = Header {
            kind: Kind::Binary,
            last: true,
            len: 256,
            mask: [1, 2, 3, 4],
        };
        assert_eq!(read(&whole), Ok(Some((header, 8))));
        assert_eq!(read(&[&whole[..], b"body"].concat()), Ok(Some((header, 8))));
    }

    #[test]
    fn only_the_shortest_form_of_a_length_is_read() {
        let ok = |bytes: &[u8]| read(&[bytes, &[0; 4]].concat()).is_ok();
        assert!(ok(&[0x82, 0xfe, 0, 126]));
        assert!(!ok(&[0x82, 0xfe, 0, 125]));
        assert!(!ok(&[0x82, 0xfe, 0, 0]));
        assert!(ok(&[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]));
        assert!(!ok(&[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]));
    }

    #[test]
    fn a_mask_goes_on_where_the_last_piece_ended() {
        let plain: Vec<u8> = (0..100).collect();
        let mut whole = plain.clone();
        unmask(&mut whole, [7, 77, 177, 217], 0);
        for cut in 0..plain.len() {
            let mut pieces = whole.clone();
            let (first, second) = pieces.split_at_mut(cut);
            unmask(first, [7, 77, 177, 217], 0);
            unmask(second, [7, 77, 177, 217], cut);
            assert_eq!(pieces, plain, "{cut}");
        }
    }
}
