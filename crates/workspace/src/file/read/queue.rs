//! A bounded queue between the disk and a connection: it holds at most two pieces of a file.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use loopwire_channel::{FrameBuffer, FrameSource, SourceState};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::binary::write_head;

/// The capacity: one piece that is being sent, and one that is read meanwhile.
const MAX_PIECES: usize = 2;

/// The most file bytes in one binary message: about what a connection writes at a time.
const MAX_FRAME_BYTES: usize = 64 << 10;

/// A piece of a file.
pub(super) enum Piece {
    /// The offset in the file, and the bytes from there on.
    Binary(u64, Bytes),
    /// A complete message.
    Text(Vec<u8>),
}

/// The queue. One task puts pieces in, and a connection renders them as frames.
#[derive(Default)]
pub(super) struct PieceQueue {
    state: Mutex<QueueState>,
    /// Notified when a piece was taken, and when the reader is gone.
    room: Notify,
}

#[derive(Default)]
struct QueueState {
    pieces: VecDeque<Piece>,
    ended: bool,
    /// The message that follows the last piece.
    last: Option<String>,
    /// Nobody takes pieces any more.
    gone: bool,
}

impl PieceQueue {
    /// The reading end, which renders the pieces as frames.
    pub(super) fn frames(self: &Arc<Self>, stream: u32) -> Box<dyn FrameSource> {
        Box::new(FileFrames {
            queue: Arc::clone(self),
            stream,
        })
    }

    /// Adds a piece as soon as there is room. False if nobody will take it.
    pub(super) async fn put(&self, piece: Piece) -> bool {
        loop {
            {
                let mut state = self.state.lock();
                if state.gone {
                    return false;
                }
                if state.pieces.len() < MAX_PIECES {
                    state.pieces.push_back(piece);
                    return true;
                }
            }
            self.room.notified().await;
        }
    }

    /// Waits until every piece was taken, or nobody takes them any more.
    pub(super) async fn drained(&self) {
        loop {
            {
                let state = self.state.lock();
                if state.gone || state.pieces.is_empty() {
                    return;
                }
            }
            self.room.notified().await;
        }
    }

    /// Ends the queue: with a last message behind all pieces, or at once without one.
    pub(super) fn end(&self, last: Option<String>) {
        let mut state = self.state.lock();
        state.ended = true;
        if last.is_none() {
            state.pieces.clear();
        }
        state.last = last;
    }
}

struct FileFrames {
    queue: Arc<PieceQueue>,
    stream: u32,
}

impl FrameSource for FileFrames {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        let state = &mut *self.queue.state.lock();
        loop {
            if frames.is_full() {
                return SourceState::More;
            }
            let taken = match state.pieces.front_mut() {
                Some(Piece::Binary(offset, bytes)) => {
                    let length = bytes.len().min(MAX_FRAME_BYTES);
                    frames.binary(&write_head(self.stream, *offset), &[&bytes[..length]]);
                    *offset += length as u64;
                    bytes.advance(length);
                    bytes.is_empty()
                }
                Some(Piece::Text(text)) => {
                    frames.text(text);
                    true
                }
                None if state.ended => {
                    if let Some(last) = state.last.take() {
                        frames.text(last.as_bytes());
                    }
                    return SourceState::Ended;
                }
                None => return SourceState::Idle,
            };
            if taken {
                state.pieces.pop_front();
                self.queue.room.notify_one();
            }
        }
    }
}

impl Drop for FileFrames {
    fn drop(&mut self) {
        let mut state = self.queue.state.lock();
        state.gone = true;
        state.pieces.clear();
        drop(state);
        self.queue.room.notify_one();
    }
}
