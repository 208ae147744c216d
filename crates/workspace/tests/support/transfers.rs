//! File transfers of a client.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tungstenite::Message;

use super::client::Client;

impl Client {
    pub(crate) fn write(&mut self, data: &Value) -> Value {
        self.command("file:write", data);
        self.expect("file:done")
    }

    /// Begins to write a file of that size: its stream.
    pub(crate) fn begin_upload(&mut self, path: &str, size: usize) -> u32 {
        self.command("file:write", &json!({"path": path, "size": size}));
        let opened = self.expect("file:opened");
        assert_eq!(opened["size"], size);
        u32::try_from(opened["stream"].as_u64().unwrap()).unwrap()
    }

    pub(crate) fn send_piece(&mut self, stream: u32, offset: usize, bytes: &[u8]) {
        self.0.send(piece(stream, offset, bytes)).unwrap();
    }

    /// Writes a whole file in pieces of that length.
    pub(crate) fn upload(&mut self, path: &str, bytes: &[u8], length: usize) -> Value {
        let stream = self.begin_upload(path, bytes.len());
        for (at, part) in bytes.chunks(length).enumerate() {
            self.send_piece(stream, at * length, part);
        }
        self.expect("file:done")
    }

    /// Reads what follows a `file:read`, checking each number on the way.
    pub(crate) fn download(&mut self, data: &Value) -> Vec<u8> {
        self.command("file:read", data);
        self.receive_file(data)
    }

    pub(crate) fn receive_file(&mut self, data: &Value) -> Vec<u8> {
        let opened = self.expect("file:opened");
        self.receive_opened(data, &opened)
    }

    pub(crate) fn receive_opened(&mut self, data: &Value, opened: &Value) -> Vec<u8> {
        let first = data["offset"].as_u64().unwrap_or_default();
        let mut bytes = Vec::new();
        loop {
            let expected = first + bytes.len() as u64;
            match self.next() {
                Message::Binary(piece) => {
                    let stream = u32::from_be_bytes(*piece.first_chunk().unwrap());
                    assert_eq!(opened["stream"], stream);
                    let offset = u64::from_be_bytes(piece[4..12].try_into().unwrap());
                    assert_eq!(offset, expected);
                    assert!(piece.len() <= 256 << 10);
                    bytes.extend_from_slice(&piece[12..]);
                }
                Message::Text(text) => {
                    assert!(text.len() <= 256 << 10);
                    let message: Value = serde_json::from_str(&text).unwrap();
                    let content = &message["data"];
                    assert_eq!(content["id"], data["id"], "{text}");
                    if message["type"] == "file:done" {
                        assert_eq!(content["size"], bytes.len());
                        assert_eq!(opened["size"], bytes.len());
                        assert_eq!(content["path"], data["path"]);
                        assert_eq!(content["sha256"], sha256(&bytes));
                        return bytes;
                    }
                    assert_eq!(message["type"], "file:content", "{text}");
                    assert_eq!(content["offset"], expected);
                    let text = content["content"].as_str().unwrap().as_bytes();
                    match content["encoding"].as_str() {
                        Some("utf8") => bytes.extend_from_slice(text),
                        Some("base64") => {
                            bytes.extend(data_encoding::BASE64.decode(text).unwrap());
                        }
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

pub(crate) fn piece(stream: u32, offset: usize, bytes: &[u8]) -> Message {
    let mut message = stream.to_be_bytes().to_vec();
    message.extend((offset as u64).to_be_bytes());
    message.extend_from_slice(bytes);
    Message::binary(message)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

/// Bytes that repeat nowhere soon, the same for the same seed.
pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
