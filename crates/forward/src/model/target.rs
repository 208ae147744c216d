//! The target of a client: a host and a port, never resolved here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest host name that SOCKS5 can carry; more than DNS allows.
const MAX_NAME: usize = 255;

/// A host as the client wrote it. Names stay names: the upstream resolves them, not this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name without any character that could break out of a request line.
    Name(String),
    /// An address.
    Ip(IpAddr),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The host.
    pub host: Host,
    /// The port, never 0.
    pub port: u16,
}

impl Target {
    /// A target from its parts; `None` if the host is empty, too long or has a character that cannot stand in a host,
    /// or if the port is 0. An IPv6 host may be in brackets.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Option<Self> {
        if port == 0 {
            return None;
        }
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let host = if let Some(v6) = bare {
            Host::Ip(IpAddr::V6(v6.parse::<Ipv6Addr>().ok()?))
        } else if let Ok(ip) = host.parse::<IpAddr>() {
            Host::Ip(ip)
        } else {
            Host::Name(checked_name(host)?)
        };
        Some(Self { host, port })
    }

    /// A target from `host:port` or, where a default is given, `host` alone. An empty port is the default as well
    /// (RFC 3986, section 6.2.3).
    #[must_use]
    pub fn parse(authority: &str, default_port: Option<u16>) -> Option<Self> {
        // The last colon splits, unless it belongs to an IPv6 address in brackets.
        let (host, port) = match authority.rfind(':') {
            Some(at) if !authority[at..].contains(']') => {
                let digits = &authority[at + 1..];
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                let port = match digits {
                    "" => default_port?,
                    digits => digits.parse().ok()?,
                };
                (&authority[..at], port)
            }
            _ => (authority, default_port?),
        };
        // An IPv6 address without brackets would be ambiguous.
        if host.contains(':') && !host.starts_with('[') {
            return None;
        }
        Self::new(host, port)
    }

    /// A target from an IPv4 address.
    pub(crate) fn v4(octets: [u8; 4], port: u16) -> Option<Self> {
        (port != 0).then_some(Self {
            host: Host::Ip(IpAddr::V4(Ipv4Addr::from(octets))),
            port,
        })
    }

    /// A target from an IPv6 address.
    pub(crate) fn v6(octets: [u8; 16], port: u16) -> Option<Self> {
        (port != 0).then_some(Self {
            host: Host::Ip(IpAddr::V6(Ipv6Addr::from(octets))),
            port,
        })
    }
}

/// Accepts only characters of host names: a SOCKS5 name may hold any byte, and with a line break it would become a
/// second request to an HTTP upstream.
fn checked_name(name: &str) -> Option<String> {
    let fits = !name.is_empty()
        && name.len() <= MAX_NAME
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    fits.then(|| name.to_owned())
}

impl fmt::Display for Host {
    /// An IPv6 address in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn authorities_are_parsed() {
        for (text, expected) in [
            ("example.com:443", Some("example.com:443")),
            ("EXAMPLE.com:1", Some("EXAMPLE.com:1")),
            ("127.0.0.1:80", Some("127.0.0.1:80")),
            ("[::1]:80", Some("[::1]:80")),
            ("example.com", None),
            ("::1:80", None),
            ("example.com:", None),
            ("example.com:0", None),
            ("example.com:+80", None),
            ("example.com:65536", None),
            (":80", None),
            ("a b:80", None),
            ("a\r\nb:80", None),
            ("user@host:80", None),
            ("host/path:80", None),
        ] {
            let parsed = Target::parse(text, None).map(|target| target.to_string());
            assert_eq!(parsed.as_deref(), expected, "{text:?}");
        }
        assert_eq!(
            Target::parse("[::1]", Some(80)).unwrap().to_string(),
            "[::1]:80"
        );
        let by_default = Target::parse("example.com:", Some(80)).map(|target| target.to_string());
        assert_eq!(by_default.as_deref(), Some("example.com:80"));
        assert_eq!(Target::parse(":", Some(80)), None);
        assert_eq!(Target::new(&"a".repeat(256), 80), None);
    }
}
