//! Heads of HTTP/1 messages: read with limits, parsed strictly, written anew.

use std::io;

use crate::socket::Reader;

/// The largest head of a request, as in all of Loopwire.
pub(super) const MAX_HEAD: usize = 16 << 10;
/// The largest head of an answer: servers send more cookies than clients do.
pub(crate) const MAX_ANSWER_HEAD: usize = 64 << 10;
/// The most header lines.
const MAX_HEADERS: usize = 100;

/// Why there is no head.
#[derive(Debug)]
pub(crate) enum HeadError {
    /// The connection closed or failed first.
    Gone,
    /// Too long, or too many lines.
    TooLarge,
    /// Not HTTP/1, or not valid.
    Invalid,
}

impl From<io::Error> for HeadError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Header lines in their order.
#[derive(Debug, Default)]
pub(crate) struct Headers(Vec<(String, Vec<u8>)>);

/// A request line and its headers.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    /// 0 or 1: the minor version.
    pub(crate) minor: u8,
    pub(crate) headers: Headers,
}

/// A status line and its headers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) minor: u8,
    pub(crate) headers: Headers,
}

/// How a body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
    /// Until the connection closes: answers only.
    Close,
}

/// Framing that two readers could interpret differently: the basis of request smuggling.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous(pub(crate) &'static str);

/// Headers of a single connection (RFC 9110, section 7.6.1), ours and theirs.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authorization",
    "proxy-authenticate",
];

impl Headers {
    fn new(parsed: &[httparse::Header<'_>]) -> Self {
        let line = |header: &httparse::Header<'_>| (header.name.to_owned(), header.value.to_vec());
        Self(parsed.iter().map(line).collect())
    }

    /// All values of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// Whether one of the comma-separated values of that name is `token`.
    pub(crate) fn has_token(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .flat_map(tokens)
            .any(|found| found.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// The value of `Content-Length`, if present and valid.
    fn length(&self) -> Result<Option<u64>, Ambiguous> {
        let mut length = None;
        for value in self.all("content-length") {
            let digits = std::str::from_utf8(value).unwrap_or_default();
            let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let parsed = digits.parse::<u64>().ok().filter(|_| fits);
            match (parsed, length) {
                (None, _) => return Err(Ambiguous("Content-Length is not a number")),
                (Some(new), Some(old)) if new != old => {
                    return Err(Ambiguous(
                        "there are Content-Length headers with different values",
                    ));
                }
                (Some(new), _) => length = Some(new),
            }
        }
        Ok(length)
    }

    /// Whether the body is chunked; any other transfer coding is refused.
    fn chunked(&self) -> Result<bool, Ambiguous> {
        let mut codings = self.all("transfer-encoding").flat_map(tokens);
        match (codings.next(), codings.next()) {
            (None, _) if self.all("transfer-encoding").next().is_none() => Ok(false),
            (Some(only), None) if only.eq_ignore_ascii_case(b"chunked") => Ok(true),
            _ => Err(Ambiguous("Transfer-Encoding must be chunked")),
        }
    }

    /// Writes the end-to-end headers: not those of this hop, and not those that frame the body.
    pub(crate) fn write_end_to_end(&self, out: &mut Vec<u8>, except: &[&str]) {
        for (name, value) in &self.0 {
            let dropped = HOP_BY_HOP
                .iter()
                .chain(except)
                .chain(&["content-length"])
                .any(|hop| name.eq_ignore_ascii_case(hop));
            if !dropped && !self.has_token("connection", name) {
                write_line(out, name, value);
            }
        }
    }
}

/// Writes one header line.
pub(crate) fn write_line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Writes the header that frames the body.
pub(crate) fn write_framing(out: &mut Vec<u8>, framing: Framing) {
    match framing {
        Framing::Length(length) => {
            write_line(out, "Content-Length", length.to_string().as_bytes());
        }
        Framing::Chunked => write_line(out, "Transfer-Encoding", b"chunked"),
        Framing::None | Framing::Close => {}
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

impl Request {
    /// How its body is framed.
    pub(crate) fn framing(&self) -> Result<Framing, Ambiguous> {
        match (self.headers.chunked()?, self.headers.length()?) {
            (true, Some(_)) => Err(Ambiguous(
                "there are both Content-Length and Transfer-Encoding",
            )),
            (true, None) if self.minor == 0 => Err(Ambiguous("HTTP/1.0 has no Transfer-Encoding")),
            (true, None) => Ok(Framing::Chunked),
            (false, Some(0)) if self.method == "GET" || self.method == "HEAD" => Ok(Framing::None),
            (false, Some(length)) => Ok(Framing::Length(length)),
            (false, None) => Ok(Framing::None),
        }
    }

    /// Whether it asks to upgrade to a WebSocket. No other protocol is passed on: HTTP/2 started this way would carry
    /// requests past every check here.
    pub(crate) fn asks_for_websocket(&self) -> bool {
        let mut protocols = self.headers.all("upgrade").flat_map(tokens);
        self.minor > 0
            && self.method == "GET"
            && self.headers.has_token("connection", "upgrade")
            && protocols
                .next()
                .is_some_and(|protocol| protocol.eq_ignore_ascii_case(b"websocket"))
            && protocols.next().is_none()
    }

    /// Whether the client keeps the connection for a next request.
    pub(crate) fn keeps_alive(&self) -> bool {
        let says = |token| {
            self.headers.has_token("connection", token)
                || self.headers.has_token("proxy-connection", token)
        };
        if self.minor == 0 {
            says("keep-alive")
        } else {
            !says("close")
        }
    }
}

impl Answer {
    /// How long its body is; `to_head` when it answers a HEAD.
    pub(crate) fn framing(&self, to_head: bool) -> Result<Framing, Ambiguous> {
        if to_head || matches!(self.status, 100..=199 | 204 | 304) {
            return Ok(Framing::None);
        }
        match (self.headers.chunked()?, self.headers.length()?) {
            (true, Some(_)) => Err(Ambiguous(
                "there are both Content-Length and Transfer-Encoding",
            )),
            (true, None) => Ok(Framing::Chunked),
            (false, Some(length)) => Ok(Framing::Length(length)),
            (false, None) => Ok(Framing::Close),
        }
    }

    /// Whether the upstream keeps the connection.
    pub(crate) fn keeps_alive(&self) -> bool {
        if self.minor == 0 {
            self.headers.has_token("connection", "keep-alive")
        } else {
            !self.headers.has_token("connection", "close")
        }
    }

    /// The `Content-Length` of an answer to HEAD or of a 304: passed on, although no body follows.
    pub(crate) fn spoken_length(&self) -> Option<u64> {
        self.headers.length().ok().flatten()
    }
}

/// Reads a request's head.
pub(crate) async fn read_request(reader: &mut Reader<'_>) -> Result<Request, HeadError> {
    read(reader, MAX_HEAD, |bytes| {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(length) = parsed.parse(bytes)? else {
            return Ok(None);
        };
        let request = Request {
            method: parsed.method.unwrap_or_default().to_owned(),
            target: parsed.path.unwrap_or_default().to_owned(),
            minor: parsed.version.unwrap_or_default(),
            headers: Headers::new(parsed.headers),
        };
        Ok(Some((length, request)))
    })
    .await
}

/// Reads an answer's head.
pub(crate) async fn read_answer(reader: &mut Reader<'_>, max: usize) -> Result<Answer, HeadError> {
    read(reader, max, |bytes| {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = parsed.parse(bytes)? else {
            return Ok(None);
        };
        let answer = Answer {
            status: parsed.code.unwrap_or_default(),
            reason: parsed.reason.unwrap_or_default().to_owned(),
            minor: parsed.version.unwrap_or_default(),
            headers: Headers::new(parsed.headers),
        };
        Ok(Some((length, answer)))
    })
    .await
}

async fn read<T>(
    reader: &mut Reader<'_>,
    max: usize,
    parse: impl Fn(&[u8]) -> Result<Option<(usize, T)>, httparse::Error>,
) -> Result<T, HeadError> {
    // A head that arrives byte by byte is parsed again only when it has grown by half or may be complete.
    let mut parsed_at = 0;
    loop {
        let held = reader.held();
        let may_end = held.len() >= 4 && held[parsed_at.min(held.len())..].contains(&b'\n');
        if may_end || held.len() > parsed_at + parsed_at / 2 {
            parsed_at = held.len();
            match parse(held) {
                Ok(Some((length, _))) if length > max => return Err(HeadError::TooLarge),
                Ok(Some((length, head))) => {
                    reader.consume(length);
                    return Ok(head);
                }
                Ok(None) => {}
                Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLarge),
                Err(_) => return Err(HeadError::Invalid),
            }
        }
        if reader.held().len() >= max {
            return Err(HeadError::TooLarge);
        }
        if reader.fill().await? == 0 {
            return Err(HeadError::Gone);
        }
    }
}
