//! A tap: one stream's way to one connection. It renders the stream's bytes into frames when the connection
//! can take some, and at no other time: that is the stream's flow control.

use crate::journal::SEGMENT_BYTES;
use crate::wire::{MAX_HEADER_BYTES, Opcode, frame};

/// What stands in the place of a message's header until its length is known: the form for 126 to 65,535 bytes,
/// which is that of all but the shortest messages.
const GUESSED_HEADER_BYTES: usize = 4;

/// A reader of one stream for one connection.
///
/// It is dropped when it says [`SourceState::Ended`], and when its connection closes: that is how it hears that
/// nobody takes anything any more. Rendering and dropping happen under the connection's lock: neither may
/// block, nor call a [`crate::Peer`].
pub trait FrameSource: Send {
    /// Appends whole messages to `frames` until they are full or nothing is left. Called again only when the
    /// kernel has taken all that was rendered before.
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState;
}

/// What a tap leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Nothing more for now: it asks for the next turn by [`crate::Peer::wake`].
    Idle,
    /// There is more, but the frames are full.
    More,
    /// Nothing more will ever come.
    Ended,
}

/// Where a tap puts its messages: room for about 64 KiB, and one message beyond that.
#[derive(Debug)]
pub struct FrameBuffer<'a> {
    bytes: &'a mut Vec<u8>,
}

impl<'a> FrameBuffer<'a> {
    pub(super) const fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Whether the next message belongs into the next turn.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// How many bytes may still be put in, headers included.
    #[must_use]
    pub fn room(&self) -> usize {
        SEGMENT_BYTES.saturating_sub(self.bytes.len())
    }

    /// Puts in a text message, which has to be UTF-8.
    pub fn text(&mut self, text: &[u8]) {
        frame::write_header(self.bytes, Opcode::Text, text.len());
        self.bytes.extend_from_slice(text);
    }

    /// Puts in a text message that `write` appends to what it is given, and nothing else of it may be touched:
    /// a long message is then written once, straight to where it leaves from.
    pub fn text_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; GUESSED_HEADER_BYTES]);
        write(self.bytes);
        let body = start + GUESSED_HEADER_BYTES;
        let (header, used) = frame::header(Opcode::Text, self.bytes.len() - body);
        self.bytes
            .splice(start..body, header[..used].iter().copied());
    }

    /// Puts in a binary message: `head`, and `body` piece by piece behind it.
    pub fn binary(&mut self, head: &[u8], body: &[&[u8]]) {
        let length = head.len() + body.iter().map(|piece| piece.len()).sum::<usize>();
        self.bytes.reserve(MAX_HEADER_BYTES + length);
        frame::write_header(self.bytes, Opcode::Binary, length);
        self.bytes.extend_from_slice(head);
        body.iter()
            .for_each(|piece| self.bytes.extend_from_slice(piece));
    }
}

/// The sources of one connection, in turns.
#[derive(Default)]
pub(super) struct FrameSources {
    list: Vec<Option<Box<dyn FrameSource>>>,
    /// Who comes first next time.
    first: usize,
    /// Whether one of them may have something.
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
    pub(super) fn add(&mut self, tap: Box<dyn FrameSource>) {
        self.list.push(Some(tap));
        self.awake = true;
    }

    pub(super) const fn wake(&mut self) {
        self.awake = true;
    }

    pub(super) fn is_awake(&self) -> bool {
        self.awake && !self.list.is_empty()
    }

    /// Renders until `bytes` is full or nobody has anything. Whoever comes first this time comes last the next:
    /// one that always has something must not keep the others from it.
    pub(super) fn render(&mut self, bytes: &mut Vec<u8>) {
        // Before the look: a poke that comes meanwhile is seen by the next flush.
        self.awake = false;
        let count = self.list.len();
        for at in (0..count).map(|looked| (self.first + looked) % count) {
            let frames = &mut FrameBuffer::new(bytes);
            if frames.is_full() {
                self.awake = true;
                break;
            }
            match self.list[at].as_mut().map(|tap| tap.render(frames)) {
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

    /// Says its letter, once per message, so many times.
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

    fn repeats(bytes: &[u8]) -> String {
        let mut repeats = String::from_utf8_lossy(bytes).into_owned();
        repeats.retain(|letter| letter.is_ascii_lowercase());
        repeats
    }

    #[test]
    fn a_tap_that_always_has_something_does_not_keep_the_others_from_it() {
        let mut sources = FrameSources::default();
        sources.add(Box::new(Repeat(b'a', 30_000, 1_000)));
        sources.add(Box::new(Repeat(b'b', 1, 1)));
        let mut both = String::new();
        for _ in 0..2 {
            let mut bytes = Vec::new();
            sources.render(&mut bytes);
            assert!(sources.is_awake());
            both += &repeats(&bytes);
        }
        assert!(both.contains('b'));
        assert_eq!(sources.list.len(), 1);
    }

    #[test]
    fn taps_without_anything_sleep_until_they_are_woken() {
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
