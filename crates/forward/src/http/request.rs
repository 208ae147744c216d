//! A request's head: read with limits, and strictly.

use super::headers::{Headers, is_token};
use super::read::{HeadError, HeadRules, skip_empty_lines, whole_head, without_cr};
use crate::socket::Reader;

/// The largest head of a request, as in all of Loopwire; Node and haproxy have the same limit.
const MAX_HEAD: usize = 16 << 10;
/// The most header lines of a request, as many as Apache and haproxy admit.
const MAX_HEADERS: usize = 100;

/// A request line and its headers.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it came: any bytes but spaces and control characters.
    pub(crate) target: Vec<u8>,
    /// 0 or 1: the minor version.
    pub(crate) minor: u8,
    pub(crate) headers: Headers,
}

impl Request {
    /// Whether it asks to upgrade to a WebSocket. No other protocol is passed on: HTTP/2 started this way would carry
    /// requests past every check here.
    pub(crate) fn asks_for_websocket(&self) -> bool {
        let mut protocols = self.headers.tokens("upgrade");
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

/// Reads a request's head.
pub(crate) async fn read_request(reader: &mut Reader<'_>) -> Result<Request, HeadError> {
    const RULES: HeadRules = HeadRules {
        max: MAX_HEAD,
        begins: |line, complete| !complete || request_line(line).is_some(),
    };
    skip_empty_lines(reader).await?;
    let length = whole_head(reader, &RULES, || ()).await?;
    let request = parse(&reader.held()[..length])?;
    reader.consume(length);
    Ok(request)
}

fn parse(head: &[u8]) -> Result<Request, HeadError> {
    let end = head.iter().position(|&byte| byte == b'\n');
    let (line, rest) = head.split_at(end.ok_or(HeadError::Invalid)?);
    let (method, target, minor) = request_line(without_cr(line)).ok_or(HeadError::Invalid)?;
    let rest = &rest[1..];
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let parsed = match httparse::parse_headers(rest, &mut lines) {
        Ok(httparse::Status::Complete((length, parsed))) if length == rest.len() => parsed,
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLarge),
        Ok(_) | Err(_) => return Err(HeadError::Invalid),
    };
    let mut headers = Headers::default();
    for line in parsed {
        headers.push(line.name.to_owned(), line.value.to_vec());
    }
    Ok(Request {
        method: method.to_owned(),
        target: target.to_vec(),
        minor,
        headers,
    })
}

/// Method, target and minor version, with one space between them. A later minor version is read as 1 (RFC 9110, 2.5).
fn request_line(line: &[u8]) -> Option<(&str, &[u8], u8)> {
    let mut parts = line.split(|&byte| byte == b' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = |byte: &u8| *byte > b' ' && *byte != 0x7f;
    if parts.next().is_some() || !is_token(method) || target.is_empty() || !target.iter().all(fits)
    {
        return None;
    }
    let minor = match version.strip_prefix(b"HTTP/1.")? {
        [b'0'] => 0,
        [b'1'..=b'9'] => 1,
        _ => return None,
    };
    Some((std::str::from_utf8(method).ok()?, target, minor))
}
