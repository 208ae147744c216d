//! Header lines: kept in their order, found by their name, written anew.

use std::collections::HashSet;

/// Headers of a single connection (RFC 9110, section 7.6.1), ours and theirs, and the one that we write ourselves.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authorization",
    "proxy-authenticate",
    "content-length",
];

/// Header lines in their order.
#[derive(Debug, Default)]
pub(crate) struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    pub(super) fn push(&mut self, name: String, value: Vec<u8>) {
        self.0.push((name, value));
    }

    /// Appends a folded line to the last value, with a space between (RFC 9112, 5.2).
    pub(super) fn unfold(&mut self, more: &[u8]) {
        if let Some((_, value)) = self.0.last_mut()
            && !more.is_empty()
        {
            if !value.is_empty() {
                value.push(b' ');
            }
            value.extend_from_slice(more);
        }
    }

    /// All values of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// All values of that name as one, separated by commas (RFC 9110, section 5.3); empty if there is none.
    pub(crate) fn joined(&self, name: &str) -> Vec<u8> {
        let values: Vec<_> = self.all(name).collect();
        values.join(&b", "[..])
    }

    /// The comma-separated values of that name, empty ones included.
    pub(super) fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.all(name).flat_map(tokens)
    }

    /// Whether one of the comma-separated values of that name is `token`.
    pub(crate) fn has_token(&self, name: &str, token: &str) -> bool {
        self.tokens(name)
            .any(|found| found.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Writes the end-to-end headers: not those of this hop, and not those that frame the body.
    pub(crate) fn write_end_to_end(&self, out: &mut Vec<u8>, except: &[&str]) {
        let named = self.named_by_connection();
        for (name, value) in &self.0 {
            let is = |other: &&str| name.eq_ignore_ascii_case(other);
            let dropped = HOP_BY_HOP.iter().any(is)
                || except.iter().any(is)
                || (!named.is_empty() && named.contains(&name.as_bytes().to_ascii_lowercase()));
            if !dropped {
                write_line(out, name, value);
            }
        }
    }

    /// The headers that `Connection` names, in lower case. A set, because both lists can be long.
    fn named_by_connection(&self) -> HashSet<Vec<u8>> {
        let known = |token: &&[u8]| {
            let mut names = ["", "close"].iter().chain(&HOP_BY_HOP);
            names.any(|name| token.eq_ignore_ascii_case(name.as_bytes()))
        };
        self.tokens("connection")
            .filter(|token| !known(token))
            .map(<[u8]>::to_ascii_lowercase)
            .collect()
    }
}

/// The values of a comma-separated list.
fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// Whether these bytes are a token (RFC 9110, section 5.6.2): a method, a header's name.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(fits)
}

/// Writes one header line.
pub(crate) fn write_line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}
