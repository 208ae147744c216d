//! Carries out `file:read`, from the command to the last frame.

use std::sync::Arc;

use loopwire_channel::{CommandError, Reply};
use serde_json::json;

use crate::file::done::Done;
use crate::file::files::Files;
use crate::file::request::ReadRequest;
use crate::file::transfers::Permit;

use super::queue::{Piece, PieceQueue};
use super::range::FileRange;
use super::text::Texts;

/// The bytes that are read at a time for binary messages: enough that switching threads costs little.
const BINARY_BYTES: usize = 256 << 10;

/// The bytes that are read at a time for text: each becomes up to six bytes of JSON, and a message has at most 256
/// KiB.
const TEXT_BYTES: usize = 40 << 10;

impl Files {
    /// Carries out one `file:read`.
    pub(crate) async fn send(self, request: ReadRequest, reply: Reply, permit: Permit) {
        let queue = Arc::new(PieceQueue::default());
        let sent = self.carry_out(request, &reply, &queue).await;
        // Before the answer: a client that reads the answer may start its next transfer at once.
        drop(permit);
        match sent {
            Ok(done) => {
                let peer = reply.peer().clone();
                queue.end(Some(reply.text("file:done", &done)));
                peer.wake();
            }
            Err(refusal) => {
                queue.end(None);
                reply.peer().wake();
                reply.refuse(&refusal.code, &refusal.message);
            }
        }
    }

    async fn carry_out(
        &self,
        request: ReadRequest,
        reply: &Reply,
        queue: &Arc<PieceQueue>,
    ) -> Result<Done, CommandError> {
        let ReadRequest {
            path,
            offset,
            length,
        } = request;
        let (root, max_bytes) = (self.0.root.clone(), self.0.max_bytes);
        let asked = path.clone();
        let mut range = self
            .blocking(move || FileRange::open(&root, &asked, offset, length, max_bytes))
            .await?;
        let stream = self.0.streams.number();
        let peer = reply.peer();
        // A client of binary messages may read a file in parts, which must be parts of one.
        let opened = match peer.binary() {
            true => json!({
                "stream": stream,
                "size": range.size,
                "total": range.total,
                "version": range.version,
            }),
            false => json!({"stream": stream, "size": range.size}),
        };
        reply.before("file:opened", &opened);
        peer.attach(queue.frames(stream));
        // It waits until the client has read. Meanwhile the client may say something else.
        reply.release_reader();
        let mut text = (!peer.binary()).then(|| Texts::new(stream, reply.id().cloned()));
        while range.left > 0 {
            let piece;
            (range, text, piece) = self
                .blocking(move || {
                    let offset = range.offset;
                    let piece = match &mut text {
                        None => Some(range.piece(BINARY_BYTES)?)
                            // Empty if the file ends before the size that it says.
                            .filter(|bytes| !bytes.is_empty())
                            .map(|bytes| Piece::Binary(offset, bytes)),
                        Some(text) => {
                            let bytes = range.piece(TEXT_BYTES)?;
                            let message = text.message(offset, &bytes, range.left == 0);
                            Some(Piece::Text(message))
                        }
                    };
                    Ok((range, text, piece))
                })
                .await?;
            let Some(piece) = piece else { break };
            if !self.unless_closed(queue.put(piece)).await? {
                break;
            }
            peer.wake();
        }
        // The permit is held until then: a client that takes nothing cannot start more and more transfers.
        self.unless_closed(queue.drained()).await?;
        Ok(range.done(path))
    }
}
