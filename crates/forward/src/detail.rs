//! What a `proxyError` says behind its code: one table.

use std::fmt;
use std::io;

/// The code of every `proxyError`, as the seed has it.
pub const CODE: &str = "req_proxy_config_error";

/// Why a request failed. The text behind the `@` is a contract: one line in `fixtures/forward.json` each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// `setAPIHost` has not been called.
    NoProvider,
    /// The provider's list cannot be read or is no list.
    ProviderUnreadable,
    /// The provider does not know this proxy.
    UnknownProxy,
    /// The provider's entry for this proxy cannot be used (no host, a port that is none, long credentials).
    ProxyInvalid,
    /// The upstream speaks a protocol that this version does not.
    UpstreamUnsupported(String),
    /// Nothing fits, or no local port is free.
    NoPortAvailable,
    /// The port is not one of the range.
    PortOutOfRange,
    /// Another program listens there.
    PortInUse,
    /// The operating system does not let this user listen there.
    PermissionDenied,
    /// The local address does not exist, or the system has no descriptors left, …
    PortUnavailable,
    /// No TCP connection to the upstream, in the time given.
    UpstreamUnreachable,
    /// The upstream took the connection and answered nothing, in the time given.
    UpstreamTimeout,
    /// The upstream closed or reset the connection instead of an answer.
    UpstreamClosed,
    /// The upstream's answer belongs to another protocol.
    UpstreamInvalid,
    /// An HTTP upstream answered with this status.
    UpstreamRefused(u16),
    /// A SOCKS5 upstream does not take these credentials, or wants some and has none.
    UpstreamRefusedAuth,
    /// The port was removed before the request was through.
    Removed,
    /// The engine was shut down before the request was through.
    ShutDown,
    /// A part of Loopwire failed; a `fault` event says which. The seed's spelling.
    Unknown,
}

impl Detail {
    /// One of each, for the table test and the documentation.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self::NoProvider,
            Self::ProviderUnreadable,
            Self::UnknownProxy,
            Self::ProxyInvalid,
            Self::UpstreamUnsupported("https".to_owned()),
            Self::NoPortAvailable,
            Self::PortOutOfRange,
            Self::PortInUse,
            Self::PermissionDenied,
            Self::PortUnavailable,
            Self::UpstreamUnreachable,
            Self::UpstreamTimeout,
            Self::UpstreamClosed,
            Self::UpstreamInvalid,
            Self::UpstreamRefused(407),
            Self::UpstreamRefused(401),
            Self::UpstreamRefusedAuth,
            Self::Removed,
            Self::ShutDown,
            Self::Unknown,
        ]
    }

    /// Why a local port could not be bound.
    #[must_use]
    pub fn of_bind(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::PortInUse,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            _ => Self::PortUnavailable,
        }
    }

    /// Whether the provider says that the proxy is gone for good.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::UnknownProxy)
    }

    /// The HTTP status in it, for the detail twin.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        match self {
            Self::UpstreamRefused(status) => Some(*status),
            _ => None,
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoProvider => "no provider",
            Self::ProviderUnreadable => "provider unreadable",
            Self::UnknownProxy => "unknown proxy",
            Self::ProxyInvalid => "proxy invalid",
            Self::UpstreamUnsupported(protocol) => {
                return write!(f, "upstream unsupported|protocol:{protocol}");
            }
            Self::NoPortAvailable => "no port available",
            Self::PortOutOfRange => "port out of range",
            Self::PortInUse => "port in use",
            Self::PermissionDenied => "permission denied",
            Self::PortUnavailable => "port unavailable",
            Self::UpstreamUnreachable => "upstream unreachable",
            Self::UpstreamTimeout => "upstream timeout",
            Self::UpstreamClosed => "upstream closed",
            Self::UpstreamInvalid => "upstream invalid",
            Self::UpstreamRefused(status) => {
                return write!(f, "upstream refused|status:{status}");
            }
            Self::UpstreamRefusedAuth => "upstream refused|message:AUTH_FAILED",
            Self::Removed => "port removed",
            Self::ShutDown => "shut down",
            Self::Unknown => "unknow error",
        })
    }
}
