//! Flags: the options of a connection in the query of its URL.

use std::ops::RangeInclusive;

use http::request::Parts;

use super::credential::{self, PROTOCOL_V1};
use super::query;

/// The shortest and the longest id of a client. 22 characters can hold 128 random bits, so that no two clients choose the
/// same; the longest bounds the memory that a client costs while it is remembered.
const CLIENT_CHARS: RangeInclusive<usize> = 22..=64;

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
    /// `client=ID`, with `v1`: the client numbers its messages under this id. Without `v1` it is a key of the application's.
    pub client: Option<String>,
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
        let mut clients = Vec::new();
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
                b"client" => clients.push(value),
                _ => {}
            }
        }
        flags.binary = binary.unwrap_or_default();
        flags.silent = silent.unwrap_or_default();
        flags.v1 = version.is_some()
            || credential::protocols(&parts.headers).any(|offered| offered == PROTOCOL_V1);
        for value in clients.iter().filter(|_| flags.v1) {
            once(&mut flags.client, client(value)?)?;
        }
        Ok(flags)
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), &'static str> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(
            "a flag is given twice: v, binary, silent, since, epoch and client may come once each",
        ),
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
    plain(value, 1..=MAX_EPOCH_CHARS).ok_or("epoch must be the epoch that hello gave")
}

fn client(value: &[u8]) -> Result<String, &'static str> {
    plain(value, CLIENT_CHARS)
        .ok_or("client must be an id of 22 to 64 characters: letters, digits and . _ ~ -")
}

/// A text of so many characters that need no escaping in a URL.
fn plain(value: &[u8], chars: RangeInclusive<usize>) -> Option<String> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte));
    (plain && chars.contains(&text.len())).then(|| text.to_owned())
}
