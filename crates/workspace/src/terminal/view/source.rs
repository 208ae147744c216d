//! A tap: a terminal's output as one connection gets it, as text or as binary frames.

use std::sync::Arc;
use std::time::SystemTime;

use loopwire_channel::{FrameBuffer, FrameSource, SourceState, json};
use serde::Serialize;
use serde_json::Value;

use crate::binary::{HEAD_BYTES, write_head};
use crate::shapes::Source;
use crate::terminal::core::{TerminalInner, TerminalState};
use crate::terminal::output::{Decoder, OVERRUN, Ring};

/// The largest message: a turn of a connection (PROTOCOL section 7 has 256 KiB for files; a screen wants less).
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// What a message has around the output: names and numbers, and an id of at most 256 characters.
const MAX_FRAME_BYTES: usize = 2 << 10;

/// How much text goes into one message, apart from how far the decoder may overrun.
const MAX_TEXT_BYTES: usize = MAX_MESSAGE_BYTES - OVERRUN - MAX_FRAME_BYTES;

/// Less room than this is left for the next turn: messages of a few bytes would cost more than they bring.
const MIN_ROOM: usize = 1 << 10;

/// The place of a connection in a terminal's output.
pub(crate) struct TerminalFrames {
    inner: Arc<TerminalInner>,
    key: u64,
    offset: u64,
    binary: bool,
    /// One each for stdout and stderr.
    decoders: [Decoder; 2],
    /// What is to be said once everything before that offset was.
    replayed: Option<(u64, String)>,
}

/// A `terminal:replayed` that nobody asked for: the viewer was overtaken.
#[derive(Serialize)]
struct Jump<'a> {
    id: &'a Value,
    from: u64,
    to: u64,
    truncated: bool,
}

impl TerminalFrames {
    /// A viewer from `offset` on, which is that of the reading `key`.
    pub(crate) fn new(
        inner: &Arc<TerminalInner>,
        ring: &Ring,
        key: u64,
        offset: u64,
        binary: bool,
    ) -> Self {
        let sources = [Source::Stdout, Source::Stderr];
        // What a client has seen up to there may end inside a character of either stream. One that takes bytes needs
        // no decoder, and must not be told at the end what one still held.
        let decoders = sources.map(|source| match offset > ring.tail() {
            _ if binary => Decoder::default(),
            true => Decoder::with(ring.partial_before(offset, source)),
            false if offset > 0 => Decoder::after_gap(),
            false => Decoder::default(),
        });
        Self {
            inner: Arc::clone(inner),
            key,
            offset,
            binary,
            decoders,
            replayed: None,
        }
    }

    /// Says `text` once everything before `to` was said.
    pub(crate) fn then_say(mut self, to: u64, text: String) -> Self {
        self.replayed = Some((to, text));
        self
    }

    fn step(&mut self, state: &TerminalState, frames: &mut FrameBuffer<'_>) -> Option<SourceState> {
        if self.offset < state.ring.tail() {
            self.jump(&state.ring, frames);
        }
        let due = |due: &mut (u64, String)| due.0 <= self.offset;
        if let Some((_, text)) = self.replayed.take_if(due) {
            frames.text(text.as_bytes());
        }
        if frames.room() < MIN_ROOM {
            return Some(SourceState::More);
        }
        let until = self
            .replayed
            .as_ref()
            .map_or(u64::MAX, |(to, _)| to - self.offset);
        let until = usize::try_from(until).unwrap_or(usize::MAX);
        if self.binary {
            self.bytes(&state.ring, until, frames)
        } else {
            self.text(&state.ring, until, frames)
        }
        .then_some(())
        .map_or_else(|| Some(self.at_head(state, frames)), |()| None)
    }

    /// False if there is nothing more.
    fn bytes(&mut self, ring: &Ring, until: usize, frames: &mut FrameBuffer<'_>) -> bool {
        let limit = frames.room().min(MAX_MESSAGE_BYTES) - HEAD_BYTES;
        let Some(piece) = ring.piece(self.offset, limit.min(until)) else {
            return false;
        };
        let stream = self.inner.streams[piece.source as usize];
        frames.binary(&write_head(stream, self.offset), &piece.parts);
        self.offset += piece.len() as u64;
        true
    }

    /// False if there is nothing more.
    fn text(&mut self, ring: &Ring, until: usize, frames: &mut FrameBuffer<'_>) -> bool {
        let limit = frames.room().min(MAX_TEXT_BYTES);
        let Some(piece) = ring.piece(self.offset, limit.min(until)) else {
            return false;
        };
        let decoder = &mut self.decoders[piece.source as usize];
        let mut at = self.offset;
        if !decoder.would_write(piece.parts) {
            for part in piece.parts {
                at += decoder.write(&mut Vec::new(), part, at, usize::MAX) as u64;
            }
            self.offset = at;
            return true;
        }
        let (source, key) = (piece.source, &self.inner.key);
        let held = decoder.held();
        let start = if held.len > 0 { held.start } else { at };
        frames.text_with(|out| {
            begin(out);
            let limit = out.len() + limit;
            for part in piece.parts {
                let used = decoder.write(out, part, at, limit);
                at += used as u64;
                if used < part.len() {
                    break;
                }
            }
            end(out, key, source, start, at - decoder.held().len as u64);
        });
        self.offset = at;
        true
    }

    /// What it would read next was overwritten.
    fn jump(&mut self, ring: &Ring, frames: &mut FrameBuffer<'_>) {
        let (tail, head) = (ring.tail(), ring.head());
        // Not to the very tail, or a viewer that is a little too slow would be overtaken at every turn.
        self.offset = ring.safe_from(tail + (head - tail) / 4);
        self.decoders = [Decoder::after_gap(), Decoder::after_gap()];
        if let Some((_, text)) = self.replayed.take_if(|(to, _)| *to <= self.offset) {
            frames.text(text.as_bytes());
        }
        let jump = Jump {
            id: &self.inner.id,
            from: self.offset,
            to: head,
            truncated: true,
        };
        frames.text(&message("terminal:replayed", &jump));
    }

    /// Everything was said. Where the command has ended, that is said last.
    fn at_head(&mut self, state: &TerminalState, frames: &mut FrameBuffer<'_>) -> SourceState {
        let Some(exit) = &state.exit else {
            return SourceState::Idle;
        };
        for source in [Source::Stdout, Source::Stderr] {
            let decoder = &mut self.decoders[source as usize];
            let held = *decoder.held();
            if held.len > 0 {
                frames.text_with(|out| {
                    begin(out);
                    decoder.finish(out);
                    let behind = held.start + held.len as u64;
                    end(out, &self.inner.key, source, held.start, behind);
                });
            }
        }
        frames.text(&message("terminal:exit", &exit.data(&self.inner.id)));
        SourceState::Ended
    }
}

impl FrameSource for TerminalFrames {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        let inner = Arc::clone(&self.inner);
        let mut state = inner.state.lock();
        if state.position_of(self.key).is_none() {
            // Detached, or another has taken its place.
            return SourceState::Ended;
        }
        let tapped = loop {
            if let Some(tapped) = self.step(&state, frames) {
                break tapped;
            }
        };
        let paused = !state.has_room();
        if let Some(at) = state.position_of(self.key) {
            state.attachments[at].offset = self.offset;
            state.attachments[at].idle = tapped == SourceState::Idle;
        }
        let goes_on = paused && state.has_room();
        drop(state);
        if goes_on {
            inner.output_room.notify_waiters();
        }
        tapped
    }
}

impl Drop for TerminalFrames {
    fn drop(&mut self) {
        self.inner.detach(self.key);
    }
}

fn begin(out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"terminal:output","data":{"output":""#);
}

fn end(out: &mut Vec<u8>, id: &str, source: Source, offset: u64, end: u64) {
    use std::io::Write as _;
    let source = source.name();
    // A vector takes all that is written to it.
    let _ = write!(
        out,
        r#"","id":{id},"source":"{source}","offset":{offset},"end":{end}}}"#
    );
    json::write_timestamp(out, SystemTime::now());
    out.push(b'}');
}

/// A message that is none of the output's.
fn message(kind: &str, data: &impl Serialize) -> Vec<u8> {
    let mut out = format!(r#"{{"type":"{kind}","data":"#).into_bytes();
    // Text, numbers and booleans: nothing that JSON could not hold.
    let _ = serde_json::to_writer(&mut out, data);
    json::write_timestamp(&mut out, SystemTime::now());
    out.push(b'}');
    out
}
