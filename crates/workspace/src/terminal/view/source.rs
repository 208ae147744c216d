//! A frame source: it renders a terminal's output for one connection, as text or as binary frames.

use std::sync::Arc;
use std::time::SystemTime;

use loopwire_channel::{FrameBuffer, FrameSource, SourceState, json};
use serde::Serialize;
use serde_json::Value;

use crate::binary::{HEAD_BYTES, write_head};
use crate::shapes::Source;
use crate::terminal::core::{TerminalInner, TerminalState};
use crate::terminal::output::{Decoder, OVERRUN, Ring};

use super::replayed::Replayed;

/// The largest message: what a connection writes at a time (PROTOCOL section 7 allows 256 KiB; a screen needs less).
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// The rest of a message: names and numbers, and an id of at most 256 characters.
const MAX_FRAME_BYTES: usize = 2 << 10;

/// The most text in one message. The decoder may exceed it by `OVERRUN`.
const MAX_TEXT_BYTES: usize = MAX_MESSAGE_BYTES - OVERRUN - MAX_FRAME_BYTES;

/// With less room than this, rendering stops until the next write: messages of a few bytes are expensive.
const MIN_ROOM: usize = 1 << 10;

/// Renders a terminal's output for one connection.
pub(crate) struct TerminalFrames {
    inner: Arc<TerminalInner>,
    key: u64,
    offset: u64,
    /// Where it began, or went on behind a gap: nothing before that can be acknowledged.
    begun: u64,
    binary: bool,
    /// One decoder each for stdout and stderr.
    decoders: [Decoder; 2],
    /// Sequences that set the modes of the screen, before everything else.
    prelude: Option<String>,
    /// A message that follows everything before that offset.
    replayed: Option<(u64, String)>,
    /// Up to where the client was told that its input was taken.
    taken: u64,
}

impl TerminalFrames {
    /// Renders from `offset` on, for the attachment `key`.
    pub(crate) fn new(
        inner: &Arc<TerminalInner>,
        ring: &Ring,
        key: u64,
        offset: u64,
        binary: bool,
    ) -> Self {
        let sources = [Source::Stdout, Source::Stderr];
        // What a client has seen so far may end inside a character of either stream. A client of bytes needs no
        // decoder, and must not get an incomplete character at the end.
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
            begun: offset,
            binary,
            decoders,
            prelude: None,
            replayed: None,
            taken: 0,
        }
    }

    /// Sends these sequences before everything else.
    pub(crate) fn begin_with(mut self, prelude: String) -> Self {
        self.prelude = Some(prelude);
        self
    }

    /// Sends `text` behind everything before the offset `to`.
    pub(crate) fn then_say(mut self, to: u64, text: String) -> Self {
        self.replayed = Some((to, text));
        self
    }

    fn step(&mut self, state: &TerminalState, frames: &mut FrameBuffer<'_>) -> Option<SourceState> {
        if self.offset < state.ring.tail() {
            self.jump(&state.ring, frames);
        }
        if let Some(prelude) = self.prelude.take_if(|prelude| !prelude.is_empty()) {
            self.send_prelude(prelude.as_bytes(), frames);
        }
        let due = |due: &mut (u64, String)| due.0 <= self.offset;
        if let Some((_, text)) = self.replayed.take_if(due) {
            frames.text(text.as_bytes());
        }
        if frames.room() < MIN_ROOM {
            return Some(SourceState::More);
        }
        let taken = state.counted_input.as_ref().map_or(0, |all| all.taken);
        if taken > self.taken {
            self.taken = taken;
            let (id, offset) = (&self.inner.id, taken);
            frames.text(&message("terminal:ack", &InputTaken { id, offset }));
        }
        let until = self
            .replayed
            .as_ref()
            .map_or(u64::MAX, |(to, _)| to - self.offset);
        let allowed = state.allowed(self.key, self.begun) - self.offset;
        if allowed == 0 && self.offset < state.ring.head() {
            // Its acknowledgement wakes it.
            return Some(SourceState::Idle);
        }
        let until = usize::try_from(until.min(allowed)).unwrap_or(usize::MAX);
        if self.binary {
            self.bytes(&state.ring, until, frames)
        } else {
            self.text(&state.ring, until, frames)
        }
        .then_some(())
        .map_or_else(|| Some(self.at_head(state, frames)), |()| None)
    }

    /// False if there is nothing to send.
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

    /// False if there is nothing to send.
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

    /// Sends the sequences that set the modes, in the place of the last bytes that were lost: a client that counts
    /// goes on where the output does.
    fn send_prelude(&self, prelude: &[u8], frames: &mut FrameBuffer<'_>) {
        let start = self.offset - prelude.len() as u64;
        if self.binary {
            let stream = self.inner.streams[Source::Stdout as usize];
            frames.binary(&write_head(stream, start), &[prelude]);
            return;
        }
        frames.text_with(|out| {
            begin(out);
            Decoder::default().write(out, prelude, start, usize::MAX);
            end(out, &self.inner.key, Source::Stdout, start, self.offset);
        });
    }

    /// Skips output that was overwritten.
    fn jump(&mut self, ring: &Ring, frames: &mut FrameBuffer<'_>) {
        let (tail, head) = (ring.tail(), ring.head());
        // Not to the tail itself, or a slow connection would be overtaken again at once.
        let (offset, prelude) = ring.restart(self.offset, tail + (head - tail) / 4);
        self.offset = offset;
        self.begun = offset;
        self.decoders = [Decoder::after_gap(), Decoder::after_gap()];
        if let Some((_, text)) = self.replayed.take_if(|(to, _)| *to <= self.offset) {
            frames.text(text.as_bytes());
        }
        let jump = Replayed::new(Some(&self.inner.id), offset, head, true, &prelude);
        frames.text(&message("terminal:replayed", &jump));
        self.prelude = Some(prelude);
    }

    /// All output was sent. If the command has ended, its exit follows.
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

/// The data of `terminal:ack` to the client: how many bytes of its input the command has taken.
#[derive(Serialize)]
struct InputTaken<'a> {
    id: &'a Value,
    offset: u64,
}

impl FrameSource for TerminalFrames {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        let inner = Arc::clone(&self.inner);
        let mut state = inner.state.lock();
        if state.position_of(self.key).is_none() {
            // It was detached, or a newer attachment of the connection has replaced it.
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
        self.inner.lose(self.key);
    }
}

fn begin(out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"terminal:output","data":{"output":""#);
}

fn end(out: &mut Vec<u8>, id: &str, source: Source, offset: u64, end: u64) {
    use std::io::Write as _;
    let source = source.name();
    // Writing to a vector cannot fail.
    let _ = write!(
        out,
        r#"","id":{id},"source":"{source}","offset":{offset},"end":{end}}}"#
    );
    json::write_timestamp(out, SystemTime::now());
    out.push(b'}');
}

/// A message other than output.
fn message(kind: &str, data: &impl Serialize) -> Vec<u8> {
    let mut out = format!(r#"{{"type":"{kind}","data":"#).into_bytes();
    // Only text, numbers and booleans: this cannot fail.
    let _ = serde_json::to_writer(&mut out, data);
    json::write_timestamp(&mut out, SystemTime::now());
    out.push(b'}');
    out
}
