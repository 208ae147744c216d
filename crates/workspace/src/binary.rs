//! The head of a binary message, which is the same for streams of terminals and of files.

/// The length of the head: 4 bytes stream number, 8 bytes offset.
pub(crate) const HEAD_BYTES: usize = 12;

/// The stream number and the offset of a binary message. The contents follow behind [`HEAD_BYTES`].
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
