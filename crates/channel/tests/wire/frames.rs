//! Frames as a client may send them, rightly or wrongly, and as a server sends them (RFC 6455 section 5.2).

pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// The bit that ends a message.
pub(crate) const FIN: u8 = 0x80;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// How a length is written.
#[derive(Clone, Copy)]
pub(crate) enum Width {
    /// In as few bytes as it takes.
    Least,
    /// In two bytes, needed or not.
    Two,
    /// In eight bytes, needed or not.
    Eight,
}

/// A header with any first byte and any declared length.
pub(crate) fn header(first: u8, key: Option<[u8; 4]>, len: u64, width: Width) -> Vec<u8> {
    let mask = if key.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match (width, len) {
        (Width::Least, 0..=125) => bytes.push(mask | len as u8),
        (Width::Least, 126..=0xffff) | (Width::Two, _) => {
            bytes.push(mask | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        (Width::Least | Width::Eight, _) => {
            bytes.push(mask | 127);
            bytes.extend(len.to_be_bytes());
        }
    }
    bytes.extend(key.into_iter().flatten());
    bytes
}

/// A header of a client's, without the body it declares.
pub(crate) fn declares(first: u8, len: u64) -> Vec<u8> {
    header(first, Some(KEY), len, Width::Least)
}

/// A client's frame with any first byte.
pub(crate) fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    wide(first, body, Width::Least)
}

/// A client's frame whose length is written in a given way.
pub(crate) fn wide(first: u8, body: &[u8], width: Width) -> Vec<u8> {
    masked(first, body, width, KEY)
}

/// A client's frame with a key of the caller's.
pub(crate) fn masked(first: u8, body: &[u8], width: Width, key: [u8; 4]) -> Vec<u8> {
    let mut bytes = header(first, Some(key), body.len() as u64, width);
    bytes.extend(body.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    bytes
}

/// A client's frame that is not masked.
pub(crate) fn bare(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, None, body.len() as u64, Width::Least);
    bytes.extend(body);
    bytes
}

/// The same bytes, as the server has to write them: final, unmasked, the shortest length.
pub(crate) fn served(opcode: u8, body: &[u8]) -> Vec<u8> {
    bare(FIN | opcode, body)
}

/// A message in frames whose bodies are these.
pub(crate) fn fragments(opcode: u8, bodies: &[&[u8]]) -> Vec<u8> {
    let last = bodies.len() - 1;
    let one = |(at, body): (usize, &&[u8])| {
        let opcode = if at == 0 { opcode } else { CONTINUATION };
        frame(if at == last { FIN | opcode } else { opcode }, body)
    };
    bodies.iter().enumerate().flat_map(one).collect()
}

/// The body of a close frame.
pub(crate) fn closing(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), reason].concat()
}

/// Bytes without a pattern that a wrong offset would not change.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// As `noise`, in ASCII.
pub(crate) fn letters(len: usize) -> Vec<u8> {
    noise(len)
        .into_iter()
        .map(|byte| b'a' + byte % 26)
        .collect()
}
