//! Frame sources: a frame source writes one stream to one connection. It renders the stream's bytes into frames only
//! when the connection can write them: that is the flow control of the stream.

use crate::journal::SEGMENT_BYTES;
use crate::wire::{MAX_HEADER_BYTES, Opcode, frame};

/// How many bytes are reserved for the header of a message until its length is known: right for 126 to 65,535 bytes,
/// which most messages have.
const GUESSED_HEADER_BYTES: usize = 4;

/// A reader of one stream for one connection.
///
/// It is dropped when it returns [`SourceState::Ended`], and when its connection closes: so it learns that the
/// connection has ended. Rendering and dropping happen under the connection's lock: neither may block or call a
/// [`crate::Peer`].
pub trait FrameSource: Send {
    /// Appends whole messages to `frames` until the buffer is full or nothing is left. Called again only when everything
    /// rendered before has been written.
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState;
}

/// The state of a frame source after rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Nothing more for now. [`crate::Peer::wake`] makes it render again.
    Idle,
    /// There is more, but the buffer is full.
    More,
    /// The stream has ended.
    Ended,
}

/// The buffer for the messages of a frame source: about 64 KiB, and one more message.
#[derive(Debug)]
pub struct FrameBuffer<'a> {
    bytes: &'a mut Vec<u8>,
}

impl<'a> FrameBuffer<'a> {
    pub(super) const fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Whether the buffer is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// How many more bytes fit in, including headers.
    #[must_use]
    pub fn room(&self) -> usize {
        SEGMENT_BYTES.saturating_sub(self.bytes.len())
    }

    /// Adds a text message, which must be UTF-8.
    pub fn text(&mut self, text: &[u8]) {
        frame::write_header(self.bytes, Opcode::Text, text.len());
        self.bytes.extend_from_slice(text);
    }

    /// Adds a text message that `write` appends to the vector; it must not change what is there already. So a long
    /// message is written directly into the buffer.
    pub fn text_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; GUESSED_HEADER_BYTES]);
        write(self.bytes);
        let body = start + GUESSED_HEADER_BYTES;
        let (header, used) = frame::header(Opcode::Text, self.bytes.len() - body);
        self.bytes
            .splice(start..body, header[..used].iter().copied());
    }

    /// Adds a binary message: `head`, followed by the pieces of `body`.
    pub fn binary(&mut self, head: &[u8], body: &[&[u8]]) {
        let length = head.len() + body.iter().map(|piece| piece.len()).sum::<usize>();
        self.bytes.reserve(MAX_HEADER_BYTES + length);
        frame::write_header(self.bytes, Opcode::Binary, length);
        self.bytes.extend_from_slice(head);
        body.iter()
            .for_each(|piece| self.bytes.extend_from_slice(piece));
    }
}

/// The frame sources of one connection, which take turns.
#[derive(Default)]
pub(super) struct FrameSources {
    list: Vec<Option<Box<dyn FrameSource>>>,
    /// The source that comes first next time.
    first: usize,
    /// Whether a source may have something.
    awake: bool,
}

impl std::fmt::Debug for FrameSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameSources")
            .field("count", &self.list.len())
            .finish_non_exhaustive()
    }
}

impl FrameSources {
    pub(super) fn add(&mut self, source: Box<dyn FrameSource>) {
        self.list.push(Some(source));
        self.awake = true;
    }

    pub(super) const fn wake(&mut self) {
        self.awake = true;
    }

    pub(super) fn is_awake(&self) -> bool {
        self.awake && !self.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Renders until `bytes` is full or no source has anything. The source that comes first this time comes last the next
    /// time, so that a busy source does not block the others.
    pub(super) fn render(&mut self, bytes: &mut Vec<u8>) {
        // Cleared before rendering: the next flush sees a wake-up that comes meanwhile.
        self.awake = false;
        let count = self.list.len();
        for at in (0..count).map(|looked| (self.first + looked) % count) {
            let frames = &mut FrameBuffer::new(bytes);
            if frames.is_full() {
                self.awake = true;
                break;
            }
            match self.list[at].as_mut().map(|source| source.render(frames)) {
                Some(SourceState::More) => self.awake = true,
                Some(SourceState::Ended) => self.list[at] = None,
                Some(SourceState::Idle) | None => {}
            }
        }
        self.first = self.first.wrapping_add(1) % count.max(1);
        self.list.retain(Option::is_some);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends messages of one repeated letter: the letter, the length of a message, the number of messages.
    struct Repeat(u8, usize, usize);

    impl FrameSource for Repeat {
        fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
            while self.2 > 0 {
                if frames.is_full() {
                    return SourceState::More;
                }
                self.2 -= 1;
                frames.text(&vec![self.0; self.1]);
            }
            SourceState::Ended
        }
    }

    fn letters(bytes: &[u8]) -> String {
        let mut letters = String::from_utf8_lossy(bytes).into_owned();
        letters.retain(|letter| letter.is_ascii_lowercase());
        letters
    }

    #[test]
    fn a_busy_source_does_not_block_the_others() {
        let mut sources = FrameSources::default();
        sources.add(Box::new(Repeat(b'a', 30_000, 1_000)));
        sources.add(Box::new(Repeat(b'b', 1, 1)));
        let mut both = String::new();
        for _ in 0..2 {
            let mut bytes = Vec::new();
            sources.render(&mut bytes);
            assert!(sources.is_awake());
            both += &letters(&bytes);
        }
        assert!(both.contains('b'));
        assert_eq!(sources.list.len(), 1);
    }

    #[test]
    fn idle_sources_are_not_asked_until_they_are_woken() {
        let mut sources = FrameSources::default();
        struct Idle;
        impl FrameSource for Idle {
            fn render(&mut self, _: &mut FrameBuffer<'_>) -> SourceState {
                SourceState::Idle
            }
        }
        sources.add(Box::new(Idle));
        assert!(sources.is_awake());
        sources.render(&mut Vec::new());
        assert!(!sources.is_awake());
        sources.wake();
        assert!(sources.is_awake());
    }

    #[test]
    fn a_message_written_in_place_has_the_header_of_its_length() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
            let (mut place, mut whole) = (b"before".to_vec(), b"before".to_vec());
            let text = vec![b'x'; length];
            FrameBuffer::new(&mut place).text_with(|out| out.extend_from_slice(&text));
            FrameBuffer::new(&mut whole).text(&text);
            assert!(place == whole, "{length}");
        }
        let mut bytes = Vec::new();
        FrameBuffer::new(&mut bytes).binary(b"hh", &[b"one", b"two"]);
        assert_eq!(bytes, b"\x82\x08hhonetwo");
    }
}
