//! Flags: what a client asks of its connection in the URL's query.

use http::request::Parts;

use super::credential::{self, PROTOCOL_V1};
use super::query;

/// The longest epoch a client may name. Ours are far shorter; this bounds what a connection keeps.
const MAX_EPOCH_CHARS: usize = 64;

/// The flags of one request. Nothing is asked for by default: that is a client of the seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `v=1` or the sub-protocol `loopwire.v1`: the client understands the additions to the wire.
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
    /// Reads the flags of a request. Unknown keys are left alone: the URL is the application's too.
    ///
    /// # Errors
    /// A sentence for the client's author when a flag has a value it cannot have, or comes twice.
    pub fn read(parts: &Parts) -> Result<Self, &'static str> {
        let mut flags = Self::default();
        let mut version = None;
        let mut binary = None;
        let mut silent = None;
        for (key, value) in query::pairs(parts.uri.query()) {
            match &*key {
                b"v" => once(&mut version, one(&value)?)?,
                b"binary" => once(&mut binary, boolean(&value, "binary is true or false")?)?,
                b"silent" => once(&mut silent, boolean(&value, "silent is true or false")?)?,
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
        Some(_) => Err("a flag is given twice: v, binary, silent, since and epoch come once each"),
    }
}

fn one(value: &[u8]) -> Result<(), &'static str> {
    match value {
        b"1" => Ok(()),
        _ => Err("v is 1, the only version of the wire there is"),
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
        _ => Err("since is a sequence number, digits only"),
    }
}

fn name(value: &[u8]) -> Result<String, &'static str> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte));
    if text.is_empty() || text.len() > MAX_EPOCH_CHARS || !plain {
        return Err("epoch is the text that hello gave");
    }
    Ok(text.to_owned())
}
