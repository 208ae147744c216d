//! The details of `proxyError`: one table.

use std::fmt;
use std::io;

/// The code of every `proxyError`, as published.
pub const CODE: &str = "req_proxy_config_error";

/// Why a request failed. The text after the `@` is part of the wire contract: one line each in
/// `fixtures/forward.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// `setAPIHost` has not been called.
    NoProvider,
    /// The provider's list cannot be read or is not a list; or its answer is invalid (not JSON, a redirect, too
    /// large).
    ProviderUnreadable,
    /// The provider answered with this status. The message is the provider's own if that is short and plain.
    ProviderRefused {
        /// The HTTP status.
        status: u16,
        /// Its message, or ours for such a status.
        message: String,
    },
    /// No proxy of the provider matches, or no local port is free. The published text.
    NoPortAvailable,
    /// The provider does not know this proxy.
    UnknownProxy,
    /// The provider's entry for this proxy is invalid (no host, an invalid port, credentials that are too long).
    ProxyInvalid,
    /// The provider is a server, and its entry for this proxy says `direct`: the traffic would leave with this
    /// machine's own address.
    DirectRefused,
    /// The filter of the request cannot be used; the text of the call's error names the key.
    FilterInvalid,
    /// The saved data could not be written, so the request has changed nothing.
    NotSaved,
    /// The port is outside the range.
    PortOutOfRange,
    /// Another program listens there.
    PortInUse,
    /// The operating system does not let this user listen there.
    PermissionDenied,
    /// The local address does not exist, the system has no descriptors left, and the like.
    PortUnavailable,
    /// This machine has no network, or no route to the upstream: the upstream is not to blame.
    NetworkUnreachable,
    /// No TCP connection to the upstream in time.
    UpstreamUnreachable,
    /// The upstream leads, by local ports of this process alone, back to the port, or in a circle.
    UpstreamLoop,
    /// The upstream accepted the connection and did not answer in time.
    UpstreamTimeout,
    /// The upstream closed or reset the connection without an answer.
    UpstreamClosed,
    /// The upstream's answer belongs to another protocol.
    UpstreamInvalid,
    /// The certificate of an HTTPS upstream is not trusted, has expired or is for another host.
    UpstreamUntrusted,
    /// An HTTP upstream answered with this status.
    UpstreamRefused(u16),
    /// A SOCKS5 upstream rejected these credentials, or requires credentials.
    UpstreamRefusedAuth,
    /// The port was removed before the request ended.
    Removed,
    /// The engine was shut down before the request ended.
    ShutDown,
    /// No answer from the provider, or a part of Loopwire failed (a `fault` event says which). The spelling is the
    /// published one.
    Unknown,
}

impl Detail {
    /// One of each, for the test of the table and the documentation.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let refused = |status, message: &str| Self::ProviderRefused {
            status,
            message: message.to_owned(),
        };
        vec![
            Self::NoProvider,
            Self::ProviderUnreadable,
            refused(400, "VALIDATE_FAILED"),
            refused(400, "BAD_REQUEST"),
            refused(401, "UNAUTHORIZED"),
            refused(402, "PAYMENT_REQUIRED"),
            refused(403, "FORBIDDEN"),
            refused(404, "NOT_FOUND"),
            refused(406, "NOT_ACCEPTABLE"),
            refused(410, "GONE"),
            refused(418, "REFUSED"),
            refused(429, "TOO_MANY_REQUESTS"),
            refused(503, "SERVER_ERROR"),
            Self::NoPortAvailable,
            Self::UnknownProxy,
            Self::ProxyInvalid,
            Self::DirectRefused,
            Self::FilterInvalid,
            Self::NotSaved,
            Self::PortOutOfRange,
            Self::PortInUse,
            Self::PermissionDenied,
            Self::PortUnavailable,
            Self::NetworkUnreachable,
            Self::UpstreamUnreachable,
            Self::UpstreamLoop,
            Self::UpstreamTimeout,
            Self::UpstreamClosed,
            Self::UpstreamInvalid,
            Self::UpstreamUntrusted,
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

    /// Whether the same request may succeed later without anything being changed.
    #[must_use]
    pub const fn may_come_yet(&self) -> bool {
        !self.is_gone()
            && !matches!(
                self,
                Self::ProxyInvalid | Self::DirectRefused | Self::FilterInvalid | Self::ShutDown
            )
    }

    /// The HTTP status in it, for the detailed form.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        match self {
            Self::UpstreamRefused(status) | Self::ProviderRefused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What to do about it, if the words of the detail do not say it.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoProvider => "setAPIHost(url) sets one",
            Self::DirectRefused => {
                "the provider answered `direct`; the setting allowProviderDirect allows it"
            }
            Self::NotSaved => "the directory of setSaveDataPath could not be written",
            Self::UpstreamLoop => "the upstream leads back to this port, or in a circle",
            _ => return None,
        })
    }

    /// Whether the provider says that this proxy is gone for good: asking again does not help.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::UnknownProxy
                | Self::ProviderRefused {
                    status: 404 | 410,
                    ..
                }
        )
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoProvider => "no provider",
            Self::ProviderUnreadable => "provider unreadable",
            Self::ProviderRefused { status, message } => {
                return write!(f, "status:{status}|message:{message}");
            }
            Self::NoPortAvailable => "no port available",
            Self::UnknownProxy => "unknown proxy",
            Self::ProxyInvalid => "proxy invalid",
            Self::DirectRefused => "direct refused",
            Self::FilterInvalid => "filter invalid",
            Self::NotSaved => "not saved",
            Self::PortOutOfRange => "port out of range",
            Self::PortInUse => "port in use",
            Self::PermissionDenied => "permission denied",
            Self::PortUnavailable => "port unavailable",
            Self::NetworkUnreachable => "network unreachable",
            Self::UpstreamUnreachable => "upstream unreachable",
            Self::UpstreamLoop => "upstream loop",
            Self::UpstreamTimeout => "upstream timeout",
            Self::UpstreamClosed => "upstream closed",
            Self::UpstreamInvalid => "upstream invalid",
            Self::UpstreamUntrusted => "upstream untrusted",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gone_means_that_the_provider_no_longer_has_it() {
        let gone: Vec<_> = Detail::all()
            .into_iter()
            .filter(Detail::is_gone)
            .map(|detail| detail.to_string())
            .collect();
        assert_eq!(
            gone,
            [
                "status:404|message:NOT_FOUND",
                "status:410|message:GONE",
                "unknown proxy"
            ]
        );
    }
}
