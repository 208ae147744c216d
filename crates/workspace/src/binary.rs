//! The head of a binary message: the same for a terminal's streams and for a file's.

/// What stands before the bytes: 4 bytes stream number, 8 bytes offset (PROTOCOL section 5).
pub(crate) const HEAD_BYTES: usize = 12;

/// A binary message, taken apart. Its bytes are what is behind [`HEAD_BYTES`].
pub(crate) fn head(message: &[u8]) -> Option<(u32, u64)> {
    let (stream, rest) = message.split_first_chunk()?;
    let offset = rest.first_chunk()?;
    Some((u32::from_be_bytes(*stream), u64::from_be_bytes(*offset)))
}

pub(crate) fn write_head(stream: u32, offset: u64) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..4].copy_from_slice(&stream.to_be_bytes());
    head[4..].copy_from_slice(&offset.to_be_bytes());
    head
}
