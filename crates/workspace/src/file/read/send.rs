//! Sending: `file:read`, from the command to the last byte in the client's frames.

use std::sync::Arc;

use loopwire_channel::{CommandError, Reply};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use crate::file::done::Done;
use crate::file::files::Files;
use crate::file::request::ReadAsk;

use super::pipe::{Piece, Pipe};
use super::source::Source;
use super::text::Texts;

/// What is read at a time for binary messages: enough that the thread's switch does not count.
const BINARY_BYTES: usize = 256 << 10;

/// What is read at a time for text: as JSON each byte becomes up to six, and a message is to have at most 256 KiB.
const TEXT_BYTES: usize = 40 << 10;

impl Files {
    /// Carries out one `file:read`.
    pub(crate) async fn send(self, ask: ReadAsk, reply: Reply, permit: OwnedSemaphorePermit) {
        let pipe = Arc::new(Pipe::default());
        let sent = self.carry_out(ask, &reply, &pipe).await;
        // Whoever hears of the end may begin another one.
        drop(permit);
        match sent {
            Ok(done) => {
                let peer = reply.peer().clone();
                pipe.end(Some(reply.text("file:done", &done)));
                peer.wake();
            }
            Err(refusal) => {
                pipe.end(None);
                reply.peer().wake();
                reply.refuse(&refusal.code, &refusal.message);
            }
        }
    }

    async fn carry_out(
        &self,
        ask: ReadAsk,
        reply: &Reply,
        pipe: &Arc<Pipe>,
    ) -> Result<Done, CommandError> {
        let ReadAsk {
            path,
            offset,
            length,
        } = ask;
        let (root, max_bytes) = (self.0.root.clone(), self.0.max_bytes);
        let asked = path.clone();
        let mut source = self
            .blocking(move || Source::open(&root, &asked, offset, length, max_bytes))
            .await?;
        let stream = self.0.streams.number();
        let peer = reply.peer();
        reply.before(
            "file:opened",
            &json!({"stream": stream, "size": source.size}),
        );
        peer.attach(pipe.tap(stream));
        let mut text = (!peer.binary()).then(|| Texts::new(stream, reply.id().cloned()));
        while source.left > 0 {
            let piece;
            (source, text, piece) = self
                .blocking(move || {
                    let offset = source.offset;
                    let piece = match &mut text {
                        None => Piece::Binary(offset, source.piece(BINARY_BYTES)?),
                        Some(text) => {
                            let bytes = source.piece(TEXT_BYTES)?;
                            Piece::Text(text.message(offset, &bytes, source.left == 0))
                        }
                    };
                    Ok((source, text, piece))
                })
                .await?;
            if !self.unless_closed(pipe.put(piece)).await? {
                break;
            }
            peer.wake();
        }
        // Until then it is under way: who takes nothing cannot have more and more of them.
        self.unless_closed(pipe.drained()).await?;
        Ok(source.done(path))
    }
}
