//! The protocol of an upstream.

use std::str::FromStr;

use crate::model::Flaw;

/// The protocol of an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    /// CONNECT, and absolute-form for plain HTTP requests.
    Http,
    /// The same inside TLS.
    Https,
    /// RFC 1928 and 1929.
    Socks5,
    /// No upstream at all. Only if a list says so: it is never a fallback.
    Direct,
}

impl Protocol {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Direct => "direct",
        }
    }

    /// Whether it takes plain HTTP requests for any host, and CONNECT for the rest.
    pub(crate) const fn speaks_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

impl FromStr for Protocol {
    type Err = Flaw;

    fn from_str(name: &str) -> Result<Self, Flaw> {
        [Self::Http, Self::Https, Self::Socks5, Self::Direct]
            .into_iter()
            .find(|protocol| protocol.name() == name)
            .ok_or(Flaw::Protocol)
    }
}
