//! The text messages of a file, for a client without binary messages.

use std::time::SystemTime;

use bytes::Bytes;
use data_encoding::BASE64;
use loopwire_channel::json::timestamp;
use serde::Serialize;
use serde_json::Value;

/// The most bytes of an incomplete character at the end of a piece.
const MAX_CARRY: usize = 3;

/// Makes the messages of one file for a client without `binary=true`.
pub(super) struct Texts {
    stream: u32,
    id: Option<Value>,
    /// The first bytes of a character that is completed by the next piece.
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
    pub(super) const fn new(stream: u32, id: Option<Value>) -> Self {
        Self {
            stream,
            id,
            carry: Vec::new(),
        }
    }

    /// The message for the bytes at `offset`: as text if they are valid UTF-8 (a last, incomplete character goes into
    /// the next message), as base64 otherwise. Each message is decided on its own.
    pub(super) fn message(&mut self, offset: u64, bytes: &Bytes, last: bool) -> Vec<u8> {
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
        // Only strings and numbers: this cannot fail.
        serde_json::to_vec(&message).unwrap_or_default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(bytes: &[u8], piece: usize) -> (Vec<u8>, Vec<Value>) {
        let mut texts = Texts::new(7, Some(json!("a")));
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
