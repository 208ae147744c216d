//! Sending: `file:read`, from the command to the last byte in the client's frames.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use data_encoding::BASE64;
use loopwire_channel::{Refusal, Reply, json::timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::ask::ReadAsk;
use super::pipe::{Piece, Pipe};
use super::source::Source;
use super::{Done, Files, closed};

/// What is read at a time for binary messages: enough that the thread's switch does not count.
const BINARY_BYTES: usize = 256 << 10;

/// What is read at a time for text: as JSON each byte becomes up to six, and a message is to have at most 256 KiB.
const TEXT_BYTES: usize = 40 << 10;

/// The longest beginning of a character that is cut off at a piece's end.
const MAX_CARRY: usize = 3;

impl Files {
    /// Carries out one `file:read`.
    pub(super) async fn send(self, ask: ReadAsk, reply: Reply) {
        let pipe = Arc::new(Pipe::default());
        let sent = self.carry_out(ask, &reply, &pipe);
        let sent = self.0.stop.run_until_cancelled(sent).await;
        match sent.unwrap_or_else(|| Err(closed())) {
            Ok(done) => {
                let peer = reply.peer().clone();
                pipe.end(Some(reply.text("file:done", &done)));
                peer.poke();
            }
            Err(refusal) => {
                pipe.end(None);
                reply.peer().poke();
                reply.refuse(&refusal.code, &refusal.message);
            }
        }
    }

    async fn carry_out(
        &self,
        ask: ReadAsk,
        reply: &Reply,
        pipe: &Arc<Pipe>,
    ) -> Result<Done, Refusal> {
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
        let mut text = (!peer.binary()).then(|| Texts {
            stream,
            id: reply.id().cloned(),
            carry: Vec::new(),
        });
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
            if !pipe.put(piece).await {
                break;
            }
            peer.poke();
        }
        // Until then it is under way: who takes nothing cannot have more and more of them.
        pipe.drained().await;
        Ok(source.done(path))
    }
}

/// The messages of a file on its way to a client without `binary=true`.
struct Texts {
    stream: u32,
    id: Option<Value>,
    /// The beginning of a character that goes on in the next piece.
    carry: Vec<u8>,
}

#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    data: Content<'a>,
    timestamp: String,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    offset: u64,
    content: &'a str,
    encoding: &'static str,
    stream: u32,
}

impl Texts {
    /// The message for the bytes at `offset`: as text if they are whole characters, apart from one whose end is
    /// in the next piece; as base64 otherwise. Each message decides for itself.
    fn message(&mut self, offset: u64, bytes: &Bytes, last: bool) -> Vec<u8> {
        let offset = offset - self.carry.len() as u64;
        let mut whole = std::mem::take(&mut self.carry);
        whole.extend_from_slice(bytes);
        if let Err(error) = std::str::from_utf8(&whole)
            && !last
            && error.error_len().is_none()
            && whole.len() - error.valid_up_to() <= MAX_CARRY
        {
            self.carry = whole.split_off(error.valid_up_to());
        }
        match std::str::from_utf8(&whole) {
            Ok(text) => self.write(offset, text, "utf8"),
            Err(_) => self.write(offset, &BASE64.encode(&whole), "base64"),
        }
    }

    fn write(&self, offset: u64, content: &str, encoding: &'static str) -> Vec<u8> {
        let data = Content {
            id: self.id.as_ref(),
            offset,
            content,
            encoding,
            stream: self.stream,
        };
        let message = Message {
            r#type: "file:content",
            data,
            timestamp: timestamp(SystemTime::now()),
        };
        // Strings and numbers only: there is nothing here that JSON could not hold.
        serde_json::to_vec(&message).unwrap_or_default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    fn sent(bytes: &[u8], piece: usize) -> (Vec<u8>, Vec<Value>) {
        let mut texts = Texts {
            stream: 7,
            id: Some(json!("a")),
            carry: Vec::new(),
        };
        let mut messages = Vec::new();
        for (at, part) in bytes.chunks(piece).enumerate() {
            let last = (at + 1) * piece >= bytes.len();
            let offset = (at * piece) as u64;
            let text = texts.message(offset, &Bytes::copy_from_slice(part), last);
            messages.push(serde_json::from_slice::<Value>(&text).unwrap()["data"].clone());
        }
        let mut back = Vec::new();
        for message in &messages {
            assert_eq!(message["offset"], back.len());
            let content = message["content"].as_str().unwrap().as_bytes();
            match message["encoding"].as_str() {
                Some("utf8") => back.extend_from_slice(content),
                _ => back.extend(BASE64.decode(content).unwrap()),
            }
        }
        (back, messages)
    }

    #[test]
    fn a_character_is_never_split_wherever_the_pieces_are_cut() {
        let text = "café — 🎉 ─│ ".repeat(3);
        for piece in 4..text.len() {
            let (back, messages) = sent(text.as_bytes(), piece);
            assert_eq!(back, text.as_bytes(), "{piece}");
            assert!(
                messages.iter().all(|message| message["encoding"] == "utf8"),
                "{piece}"
            );
        }
    }

    #[test]
    fn what_is_no_text_comes_back_byte_for_byte() {
        let mut bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
        bytes.extend("and text 🎉".as_bytes());
        bytes.extend(&"🎉".as_bytes()[..3]);
        for piece in [1, 2, 3, 5, 64, 1000, 5000] {
            assert_eq!(sent(&bytes, piece).0, bytes, "{piece}");
        }
    }
}
