//! How a body is framed: strictly where two readers could disagree about a request, and for answers as RFC 9112
//! (section 6.3) has a proxy read them.

use super::answer::Answer;
use super::headers::{Headers, is_token, write_line};
use super::request::Request;

/// How a body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
    /// Until the connection closes: answers only.
    Close,
}

/// How the body of an answer is framed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AnswerFraming {
    pub(crate) framing: Framing,
    /// Transfer codings under the chunks, or without chunks: passed on as they are, comma-separated. Mostly empty.
    pub(crate) codings: Vec<u8>,
    /// No other reader could see another end than we do. If one could, the upstream's connection serves no further
    /// request: what follows might belong to this answer.
    pub(crate) is_clear: bool,
}

/// Framing that two readers could interpret differently: the basis of request smuggling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous(pub(crate) &'static str);

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

impl AnswerFraming {
    fn clear(framing: Framing) -> Self {
        Self {
            framing,
            codings: Vec::new(),
            is_clear: true,
        }
    }

    /// Writes the header that frames the body.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self.framing {
            Framing::Chunked if !self.codings.is_empty() => {
                let all = [&self.codings[..], b", chunked"].concat();
                write_line(out, "Transfer-Encoding", &all);
            }
            Framing::Close if !self.codings.is_empty() => {
                write_line(out, "Transfer-Encoding", &self.codings);
            }
            framing => write_framing(out, framing),
        }
    }
}

impl Request {
    /// How its body is framed.
    pub(crate) fn framing(&self) -> Result<Framing, Ambiguous> {
        match (self.is_chunked()?, self.length()?) {
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

    /// The value of `Content-Length`, if present and valid.
    fn length(&self) -> Result<Option<u64>, Ambiguous> {
        let mut length = None;
        for value in self.headers.all("content-length") {
            match (number(value), length) {
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
    fn is_chunked(&self) -> Result<bool, Ambiguous> {
        let mut codings = self.headers.tokens("transfer-encoding");
        match (codings.next(), codings.next()) {
            (None, _) => Ok(false),
            (Some(only), None) if only.eq_ignore_ascii_case(b"chunked") => Ok(true),
            _ => Err(Ambiguous("Transfer-Encoding must be chunked")),
        }
    }
}

impl Answer {
    /// How its body is framed; `to_head` when it answers a HEAD.
    pub(crate) fn framing(&self, to_head: bool) -> Result<AnswerFraming, Ambiguous> {
        if to_head || matches!(self.status, 100..=199 | 204 | 304) {
            // A 204 with a length is wrong (RFC 9110, 8.6), and a body may follow all the same.
            let declared = self.status == 204
                && (self.headers.all("transfer-encoding").next().is_some()
                    || !matches!(answer_length(&self.headers), Ok(None | Some(0))));
            return Ok(AnswerFraming {
                is_clear: !declared,
                ..AnswerFraming::clear(Framing::None)
            });
        }
        let Some((chunked, codings)) = answer_codings(&self.headers)? else {
            return Ok(AnswerFraming::clear(match answer_length(&self.headers)? {
                Some(length) => Framing::Length(length),
                None => Framing::Close,
            }));
        };
        // Transfer-Encoding takes precedence over Content-Length, and in HTTP/1.0 it is not to be trusted: both are
        // read, and the connection ends (RFC 9112, 6.1 and 6.3).
        let alone = self.minor > 0 && self.headers.all("content-length").next().is_none();
        Ok(AnswerFraming {
            framing: if chunked {
                Framing::Chunked
            } else {
                Framing::Close
            },
            codings,
            is_clear: alone,
        })
    }

    /// The `Content-Length` of an answer to HEAD or of a 304: passed on, although no body follows.
    pub(crate) fn spoken_length(&self) -> Option<u64> {
        let coded = self.headers.all("transfer-encoding").next().is_some();
        let spoken = !coded && !matches!(self.status, 100..=199 | 204);
        answer_length(&self.headers)
            .ok()
            .flatten()
            .filter(|_| spoken)
    }
}

/// The length that an answer states. The same number several times is one number (RFC 9112, 6.3), and an empty element
/// beside a number is none (RFC 9110, 5.6.1).
fn answer_length(headers: &Headers) -> Result<Option<u64>, Ambiguous> {
    let mut length = None;
    let mut stated = false;
    for value in headers.tokens("content-length") {
        stated = true;
        if value.is_empty() {
            continue;
        }
        let number = number(value).ok_or(UNCLEAR)?;
        if *length.get_or_insert(number) != number {
            return Err(UNCLEAR);
        }
    }
    if stated && length.is_none() {
        return Err(UNCLEAR);
    }
    Ok(length)
}

/// Whether the last transfer coding of an answer is `chunked`, and the others; `None` if there is none. `identity` is
/// none: RFC 2616 had it, and curl, squid and browsers ignore it.
fn answer_codings(headers: &Headers) -> Result<Option<(bool, Vec<u8>)>, Ambiguous> {
    let mut chunked = false;
    let mut codings = Vec::new();
    for coding in headers.tokens("transfer-encoding") {
        if coding.is_empty() || coding.eq_ignore_ascii_case(b"identity") {
            continue;
        }
        // Chunks are the last coding, and there is one layer of them.
        if chunked {
            return Err(UNCLEAR);
        }
        if coding.eq_ignore_ascii_case(b"chunked") {
            chunked = true;
        } else if is_token(coding) {
            if !codings.is_empty() {
                codings.extend_from_slice(b", ");
            }
            codings.extend_from_slice(coding);
        } else {
            return Err(UNCLEAR);
        }
    }
    Ok((chunked || !codings.is_empty()).then_some((chunked, codings)))
}

const UNCLEAR: Ambiguous = Ambiguous("has an unclear length");

/// Digits alone.
fn number(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value).ok()?;
    let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| fits)
}
