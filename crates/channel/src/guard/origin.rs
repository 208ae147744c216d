//! The Origin check: which web pages may use a listener.
//!
//! Programs send no Origin. Browsers send one with every WebSocket handshake, and a page cannot prevent it. The Origin
//! is deliberately not compared with the Host: both come from the page.

use http::{HeaderMap, header};

use super::host::{LOOPBACK_NAMES, is_one_label, is_wildcard_base};

/// How much of a refused origin is shown in a response or a warning: enough to recognise it, too little to fill a log.
const SHOWN_CHARS: usize = 128;

/// The admitted origins. A request without an Origin is always admitted.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// Compared exactly, except that `https://*.example.com` stands for one label, as in `allowedHosts`. Origins with other
    /// schemes than http and https (`app://…`) must be listed here.
    pub allowed: Vec<String>,
    /// Whether `null` and `file://` are admitted: pages from files, and also sandboxed frames.
    pub allow_file: bool,
}

/// A refused origin, made safe to be shown: control characters are replaced, and the length is limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedOrigin {
    /// The origin, made printable.
    pub shown: String,
    /// The option of `startEventListener` that would admit it, if there is one.
    pub option: Option<&'static str>,
}

impl Origins {
    /// Checks the Origin of a request. Returns the admitted origin for the CORS headers, or nothing if there is none.
    ///
    /// # Errors
    /// If the origin is not admitted, is empty or is given twice.
    pub fn check<'a>(&self, headers: &'a HeaderMap) -> Result<Option<&'a str>, RefusedOrigin> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (None, _) => return Ok(None),
            (Some(origin), None) => origin,
            (Some(_), Some(_)) => return Err(RefusedOrigin::malformed("two Origin headers")),
        };
        let Ok(text) = origin.to_str() else {
            return Err(RefusedOrigin::malformed(&String::from_utf8_lossy(
                origin.as_bytes(),
            )));
        };
        if self.admits(text) {
            return Ok(Some(text));
        }
        Err(match text {
            "" => RefusedOrigin::malformed("an empty Origin"),
            "null" | "file://" => RefusedOrigin::new(text, Some("allowFileOrigin")),
            _ => RefusedOrigin::new(text, Some("allowedOrigins")),
        })
    }

    /// Whether one origin is admitted.
    #[must_use]
    pub fn admits(&self, origin: &str) -> bool {
        match origin {
            "" => false,
            "null" | "file://" => self.allow_file,
            _ => {
                let is_this = |allowed: &String| allowed == origin || is_covered(origin, allowed);
                self.allowed.iter().any(is_this) || is_loopback(origin)
            }
        }
    }

    /// Whether a Referer comes from an admitted origin.
    #[must_use]
    pub fn admits_referer(&self, referer: &str) -> bool {
        let Some(authority) = referer.find("://").map(|at| at + 3) else {
            return false;
        };
        let end = referer[authority..]
            .find(['/', '?', '#'])
            .map_or(referer.len(), |at| authority + at);
        self.admits(&referer[..end])
    }
}

impl RefusedOrigin {
    fn new(origin: &str, option: Option<&'static str>) -> Self {
        Self {
            shown: printable(origin),
            option,
        }
    }

    /// A header that is not an origin. No option admits it.
    fn malformed(what: &str) -> Self {
        Self::new(what, None)
    }
}

/// Whether an origin has one label where `allowed` has a wildcard, and is the same otherwise.
fn is_covered(origin: &str, allowed: &str) -> bool {
    let Some((scheme, base)) = allowed.split_once("://*.") else {
        return false;
    };
    let name = base.split_once(':').map_or(base, |(name, _)| name);
    let host = origin
        .strip_prefix(scheme)
        .and_then(|rest| rest.strip_prefix("://"));
    is_wildcard_base(name)
        && host.is_some_and(|host| is_one_label(host, &allowed[scheme.len() + 4..]))
}

/// Whether it is `http(s)://` and one of the three loopback names, with any port or none, in the form in which
/// browsers write it: in lower case, with a canonical port.
fn is_loopback(origin: &str) -> bool {
    let Some(rest) = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))
    else {
        return false;
    };
    LOOPBACK_NAMES
        .iter()
        .filter_map(|name| rest.strip_prefix(name))
        .any(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>()
        .is_ok_and(|port| port != 0 && port.to_string() == text)
}

/// Makes an untrusted text safe for a response, a warning or a log line.
pub(super) fn printable(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_graphic() || c == ' ' {
            c
        } else {
            '?'
        }
    };
    let mut shown: String = text.chars().take(SHOWN_CHARS).map(plain).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push_str("...");
    }
    shown
}
