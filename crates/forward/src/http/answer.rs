//! An answer's head: read with limits, and as leniently as RFC 9112 and other programs are.
//!
//! Servers send odd heads, and clients without a proxy cope with them. So what has one meaning is repaired here, and
//! only what has none is refused. What is passed on is written anew: a client sees valid HTTP, with our reading of it.
//! A ready-made parser refuses several of these heads (HTTP/1.2, ICY, control characters).

use super::headers::{Headers, is_token};
use super::read::{HeadError, HeadRules, skip_empty_lines, whole_head, without_cr};
use crate::socket::Reader;

/// The largest head of an answer. Browsers stop at 256 KiB as well, curl at 300.
const MAX_HEAD: usize = 256 << 10;
/// The most header lines of an answer: more than any server is known to send, and few enough that looking for one of
/// them costs nothing.
const MAX_LINES: usize = 1_000;

/// A status line and its headers.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 100 to 999.
    pub(crate) status: u16,
    pub(crate) reason: Vec<u8>,
    /// 0 or 1: the minor version.
    pub(super) minor: u8,
    pub(crate) headers: Headers,
    /// How many bytes its head had.
    pub(crate) size: usize,
}

impl Answer {
    /// Whether the upstream keeps the connection.
    pub(crate) fn keeps_alive(&self) -> bool {
        if self.minor == 0 {
            self.headers.has_token("connection", "keep-alive")
        } else {
            !self.headers.has_token("connection", "close")
        }
    }
}

/// Reads an answer's head. `heard` is called whenever a part of it arrives.
pub(crate) async fn read_answer(
    reader: &mut Reader<'_>,
    heard: impl Fn(),
) -> Result<Answer, HeadError> {
    const RULES: HeadRules = HeadRules {
        max: MAX_HEAD,
        begins,
    };
    skip_empty_lines(reader).await?;
    heard();
    let length = whole_head(reader, &RULES, heard).await?;
    let answer = parse(&reader.held()[..length])?;
    reader.consume(length);
    Ok(answer)
}

fn begins(line: &[u8], complete: bool) -> bool {
    let starts_like = |protocol: &[u8]| {
        let both = protocol.len().min(line.len());
        line[..both].eq_ignore_ascii_case(&protocol[..both])
    };
    match complete {
        true => status_line(line).is_some(),
        false => starts_like(b"HTTP/") || starts_like(b"ICY "),
    }
}

fn parse(head: &[u8]) -> Result<Answer, HeadError> {
    let mut lines = head.split(|&byte| byte == b'\n').map(without_cr);
    let status_line = lines.next().and_then(status_line);
    let (minor, status, reason) = status_line.ok_or(HeadError::Invalid)?;
    let mut headers = Headers::default();
    // Whether a folded line continues a line that was kept. What continues a dropped one is dropped, too.
    let mut kept = false;
    let mut count = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        count += 1;
        if count > MAX_LINES {
            return Err(HeadError::TooLarge);
        }
        if matches!(line[0], b' ' | b'\t') {
            if kept {
                headers.unfold(&cleaned(line));
            }
            continue;
        }
        // As browsers do: a line that is no header is no reason to lose the page.
        let header = header(line);
        kept = header.is_some();
        if let Some((name, value)) = header {
            headers.push(name.to_owned(), cleaned(value));
        }
    }
    Ok(Answer {
        status,
        reason,
        minor,
        headers,
        size: head.len(),
    })
}

/// Name and value; space before the colon does not belong to the name (RFC 9112, 5.1).
fn header(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = line[..colon].trim_ascii_end();
    let name = std::str::from_utf8(name).ok().filter(|_| is_token(name))?;
    Some((name, &line[colon + 1..]))
}

/// A value without the space around it. CR and NUL in it become spaces, so that nobody takes them for the end of a
/// line; other control characters are harmless and stay (RFC 9110, 5.5).
fn cleaned(value: &[u8]) -> Vec<u8> {
    let clean = |byte: &u8| match *byte {
        b'\r' | 0 => b' ',
        other => other,
    };
    value.trim_ascii().iter().map(clean).collect()
}

/// Minor version, status and reason. A later minor version is read as 1, as is a later major version: servers that
/// write one speak HTTP/1.1 all the same. ICY is how SHOUTcast servers spell HTTP/1.0.
fn status_line(line: &[u8]) -> Option<(u8, u16, Vec<u8>)> {
    let prefixed = |prefix: &[u8]| {
        let (start, rest) = line.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    let (minor, rest) = match (prefixed(b"HTTP/"), prefixed(b"ICY")) {
        (Some([b'0', b'.', b'0'..=b'9', rest @ ..] | [b'1', b'.', b'0', rest @ ..]), _) => {
            (0, rest)
        }
        (Some([b'1'..=b'9', b'.', b'0'..=b'9', rest @ ..]), _) => (1, rest),
        (None, Some(rest)) => (0, rest),
        _ => return None,
    };
    let [b' ' | b'\t', ..] = rest else {
        return None;
    };
    let (digits, rest) = rest.trim_ascii_start().split_at_checked(3)?;
    let reason = match rest {
        [] => Vec::new(),
        [b' ' | b'\t', reason @ ..] => cleaned(reason),
        _ => return None,
    };
    let digit = |at: usize| Some(u16::from(digits[at])).filter(|_| digits[at].is_ascii_digit());
    let zero = u16::from(b'0');
    let status = (digit(0)? - zero) * 100 + (digit(1)? - zero) * 10 + (digit(2)? - zero);
    (status >= 100).then_some((minor, status, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_are_read_as_they_are_meant() {
        for (line, expected) in [
            (&b"HTTP/1.1 200 OK"[..], Some((1, 200, &b"OK"[..]))),
            (b"HTTP/1.0 200 OK", Some((0, 200, b"OK"))),
            (b"HTTP/0.9 200 OK", Some((0, 200, b"OK"))),
            (b"HTTP/1.7 200 OK", Some((1, 200, b"OK"))),
            (b"HTTP/2.0 200 OK", Some((1, 200, b"OK"))),
            (b"http/1.1 200 OK", Some((1, 200, b"OK"))),
            (b"ICY 200 OK", Some((0, 200, b"OK"))),
            (b"HTTP/1.1 \t404", Some((1, 404, b""))),
            (b"HTTP/1.1 404 ", Some((1, 404, b""))),
            (b"HTTP/1.1 404  caf\xe9\0x ", Some((1, 404, b"caf\xe9 x"))),
            (b"HTTP/1.1 999 x", Some((1, 999, b"x"))),
            (b"HTTP/1.1 099 x", None),
            (b"HTTP/1.1 20 x", None),
            (b"HTTP/1.1 2000", None),
            (b"HTTP/1.1 +20", None),
            (b"HTTP/1.1200 OK", None),
            (b"HTTP/1 200 OK", None),
            (b"HTTP/1.1", None),
            (b"ICYX 200", None),
            (b"", None),
        ] {
            let read = status_line(line);
            let read = read.as_ref().map(|(a, b, c)| (*a, *b, c.as_slice()));
            assert_eq!(read, expected, "{}", line.escape_ascii());
        }
    }
}
