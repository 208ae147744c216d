//! Flags: the options of a connection in the query of its URL.

use http::request::Parts;

use super::credential::{self, PROTOCOL_V1};
use super::query;

/// The longest epoch that a client may send. Real ones are far shorter; this bounds the memory of a connection.
const MAX_EPOCH_CHARS: usize = 64;

/// The flags of one request. All are off by default, for clients that know nothing of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `v=1` or the sub-protocol `loopwire.v1`: the client understands this protocol's additions.
    pub v1: bool,
    /// `binary=true`: terminal output and file contents as binary frames.
    pub binary: bool,
    /// `silent=true`: no `file:changed` on this connection.
    pub silent: bool,
    /// `since=N`: the last sequence number the client has seen.
    pub since: Option<u64>,
    /// `epoch=E`: the runtime that `since` belongs to.
    pub epoch: Option<String>,
}

impl Flags {
    /// Reads the flags of a request. Unknown keys are ignored: the application may add its own.
    ///
    /// # Errors
    /// A message for the author of the client, if a flag has an invalid value or is given twice.
    pub fn read(parts: &Parts) -> Result<Self, &'static str> {
        let mut flags = Self::default();
        let mut version = None;
        let mut binary = None;
        let mut silent = None;
        for (key, value) in query::pairs(parts.uri.query()) {
            match &*key {
                b"v" => once(&mut version, one(&value)?)?,
                b"binary" => once(
                    &mut binary,
                    boolean(&value, "binary must be true or false")?,
                )?,
                b"silent" => once(
                    &mut silent,
                    boolean(&value, "silent must be true or false")?,
                )?,
                b"since" => once(&mut flags.since, number(&value)?)?,
                b"epoch" => once(&mut flags.epoch, name(&value)?)?,
                _ => {}
            }
        }
        flags.binary = binary.unwrap_or_default();
        flags.silent = silent.unwrap_or_default();
        flags.v1 = version.is_some()
            || credential::protocols(&parts.headers).any(|offered| offered == PROTOCOL_V1);
        Ok(flags)
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), &'static str> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => {
            Err("a flag is given twice: v, binary, silent, since and epoch may come once each")
        }
    }
}

fn one(value: &[u8]) -> Result<(), &'static str> {
    match value {
        b"1" => Ok(()),
        _ => Err("v must be 1, the only version of the protocol"),
    }
}

fn boolean(value: &[u8], error: &'static str) -> Result<bool, &'static str> {
    match value {
        b"true" => Ok(true),
        b"false" => Ok(false),
        _ => Err(error),
    }
}

fn number(value: &[u8]) -> Result<u64, &'static str> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(number),
        _ => Err("since must be a sequence number, digits only"),
    }
}

fn name(value: &[u8]) -> Result<String, &'static str> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte));
    if text.is_empty() || text.len() > MAX_EPOCH_CHARS || !plain {
        return Err("epoch must be the epoch that hello gave");
    }
    Ok(text.to_owned())
}
