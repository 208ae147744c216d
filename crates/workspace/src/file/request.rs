//! The data of the commands `file:read` and `file:write`.

use bytes::Bytes;
use data_encoding::BASE64;
use loopwire_channel::CommandError;
use serde::{Deserialize, Deserializer};

use super::error::bad;

/// Permissions for user, group and others, without set-user-ID, set-group-ID and sticky bit.
const MAX_MODE: u32 = 0o777;

/// The data of `file:read`.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadRequest {
    pub(super) path: String,
    #[serde(default)]
    pub(super) offset: u64,
    pub(super) length: Option<u64>,
}

impl ReadRequest {
    pub(super) const EXPECTED: &str =
        r#"{"path": a string, "offset"?: a number, "length"?: a number}"#;
}

/// The data of `file:write`.
#[derive(Debug, Deserialize)]
pub(crate) struct WriteRequest {
    pub(super) path: String,
    pub(super) size: Option<u64>,
    #[serde(default, deserialize_with = "mode")]
    pub(super) mode: Option<u32>,
    /// Whether missing parent directories are created.
    #[serde(default)]
    pub(super) parents: bool,
    content: Option<String>,
    encoding: Option<Encoding>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Encoding {
    #[serde(rename = "utf8", alias = "utf-8")]
    Utf8,
    #[serde(rename = "base64")]
    Base64,
}

impl WriteRequest {
    pub(super) const EXPECTED: &str = concat!(
        r#"{"path": a string, "size": a number, or "content": a string with "encoding"?: "utf8" or "base64", "#,
        r#""mode"?: permission bits as a number or an octal string up to "777", "parents"?: a boolean}"#
    );

    /// The contents, if they came with the command.
    pub(super) fn take_content(&mut self) -> Result<Option<Bytes>, CommandError> {
        let Some(content) = self.content.take() else {
            return Ok(None);
        };
        let bytes: Bytes = match self.encoding.unwrap_or(Encoding::Utf8) {
            Encoding::Utf8 => content.into(),
            Encoding::Base64 => match BASE64.decode(content.as_bytes()) {
                Ok(bytes) => bytes.into(),
                Err(_) => return Err(bad("content is not valid base64 (with padding)")),
            },
        };
        match self.size {
            Some(size) if size != bytes.len() as u64 => {
                Err(bad("content does not have the given size"))
            }
            _ => Ok(Some(bytes)),
        }
    }
}

/// Reads a mode as Node's own functions do: `420`, or `"644"`.
fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Mode {
        Bits(u32),
        Octal(String),
    }
    let bits = match Option::<Mode>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Mode::Bits(bits)) => Some(bits),
        // The standard library would accept a sign.
        Some(Mode::Octal(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            u32::from_str_radix(&text, 8).ok()
        }
        Some(Mode::Octal(_)) => None,
    };
    match bits {
        Some(bits) if bits <= MAX_MODE => Ok(Some(bits)),
        _ => Err(serde::de::Error::custom("invalid permission bits")),
    }
}
