//! Why an attempt through the upstream failed: who is to blame, and what the client is told.

use std::io;

use super::detail::Detail;
use super::dial_error::DialError;
use super::local_error::LocalError;
use super::socks5::reply;

/// What a failure says about the upstream's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The upstream worked; the target is to blame.
    Healthy,
    /// The upstream or the target is dead: a check must find out.
    Suspect,
    /// The upstream cannot be used.
    Dead,
    /// Nothing: this machine has a local error.
    Local(LocalError),
}

/// Why an attempt through the upstream failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(DialError),
    #[error("the upstream cannot be reached: no connection in time")]
    DialTimeout,
    /// By local ports alone it leads back to the port that it is to serve, or in a circle.
    #[error("the upstream leads back to this port, or in a circle: give the port another one")]
    Loop,
    #[error("the upstream did not answer in time")]
    Silent,
    #[error("the upstream closed the connection")]
    Closed,
    #[error("the upstream's answer is not {0}")]
    Invalid(&'static str),
    /// Its certificate.
    #[error("the upstream is not trusted: {0}")]
    Untrusted(rustls::CertificateError),
    #[error("the TLS handshake with the upstream failed: {0}")]
    Tls(String),
    #[error("the upstream rejects our credentials (407)")]
    ProxyAuth,
    #[error("the upstream rejects our credentials")]
    SocksAuth,
    /// The answer to a plain request cannot be passed on. The target may have written it as well as the upstream: it
    /// proves nothing, and a check without haste must find out.
    #[error("the answer {0}")]
    Answer(&'static str),
    /// The same in a tunnel, where only the target answers.
    #[error("the target's answer {0}")]
    TargetAnswer(&'static str),
    /// In a tunnel, the target closed the connection before the head of an answer was complete.
    #[error("the target closed the connection before it had answered")]
    TargetGone,
    /// In a tunnel, the target did not answer a request.
    #[error("the target did not answer in time")]
    TargetMute,
    /// A valid HTTP answer to CONNECT that is neither a success nor 407.
    #[error("the upstream answered {0}")]
    Status(u16),
    /// A SOCKS5 reply other than success, after a good handshake.
    #[error("the upstream could not connect: {}", reply_text(*.0))]
    Reply(u8),
    /// A SOCKS5 upstream, after a good handshake, did not connect in time.
    #[error("the upstream did not connect in time")]
    TargetSilent,
    /// A SOCKS5 upstream, after a good handshake, closed instead of replying.
    #[error("the upstream closed the connection")]
    TargetClosed,
    /// With `direct`: the target itself.
    #[error("the target cannot be reached: {0}")]
    Target(DialError),
    #[error("the target cannot be reached: no connection in time")]
    TargetTimeout,
}

impl Failure {
    /// An I/O error during a handshake: whatever its kind, the connection is gone.
    pub(crate) fn during_handshake(_: io::Error) -> Self {
        Self::Closed
    }

    /// The local error that caused it, if any.
    fn local_error(&self) -> Option<LocalError> {
        match self {
            Self::Unreachable(error) => LocalError::of(error),
            // With `direct` only a shortage is local: everything else may be the target's.
            Self::Target(error) => {
                LocalError::of(error).filter(|local_error| *local_error == LocalError::Shortage)
            }
            _ => None,
        }
    }

    /// Whether it is a local error: nothing else is to blame.
    pub(crate) fn is_local(&self) -> bool {
        self.local_error().is_some()
    }

    /// What this failure of a client's connection says about the upstream, by itself.
    pub(crate) fn verdict(&self) -> Verdict {
        if let Some(local_error) = self.local_error() {
            return Verdict::Local(local_error);
        }
        match self {
            Self::Unreachable(_)
            | Self::DialTimeout
            | Self::Loop
            | Self::Invalid(_)
            | Self::Untrusted(_)
            | Self::Tls(_)
            | Self::ProxyAuth
            | Self::Status(401)
            | Self::SocksAuth => Verdict::Dead,
            Self::Silent | Self::Closed | Self::Answer(_) => Verdict::Suspect,
            Self::Status(_)
            | Self::Reply(_)
            | Self::TargetSilent
            | Self::TargetClosed
            | Self::TargetAnswer(_)
            | Self::TargetGone
            | Self::TargetMute
            | Self::Target(_)
            | Self::TargetTimeout => Verdict::Healthy,
        }
    }

    /// The detail for requests and statuses.
    pub(crate) fn detail(&self) -> Detail {
        match self.local_error() {
            Some(LocalError::Network) => return Detail::NetworkUnreachable,
            Some(LocalError::Shortage) => return Detail::PortUnavailable,
            None => {}
        }
        match self {
            Self::Unreachable(_) | Self::DialTimeout | Self::Target(_) => {
                Detail::UpstreamUnreachable
            }
            Self::Silent | Self::TargetSilent | Self::TargetMute | Self::TargetTimeout => {
                Detail::UpstreamTimeout
            }
            Self::Closed | Self::TargetClosed | Self::TargetGone => Detail::UpstreamClosed,
            Self::Loop => Detail::UpstreamLoop,
            Self::Invalid(_)
            | Self::Tls(_)
            | Self::Reply(_)
            | Self::Answer(_)
            | Self::TargetAnswer(_) => Detail::UpstreamInvalid,
            Self::Untrusted(_) => Detail::UpstreamUntrusted,
            Self::ProxyAuth => Detail::UpstreamRefused(407),
            Self::SocksAuth => Detail::UpstreamRefusedAuth,
            Self::Status(status) => Detail::UpstreamRefused(*status),
        }
    }

    /// The status an HTTP client gets. Never 407: the rejected credentials are ours, not the client's.
    pub(crate) const fn http_status(&self) -> u16 {
        match self {
            Self::Loop => 508,
            Self::DialTimeout
            | Self::Silent
            | Self::TargetSilent
            | Self::TargetMute
            | Self::TargetTimeout
            | Self::Status(504)
            | Self::Reply(6) => 504,
            _ => 502,
        }
    }

    /// The reply a SOCKS5 client gets (RFC 1928, section 6).
    pub(crate) fn socks_reply(&self) -> u8 {
        match self {
            // The upstream's reply, if it is a defined one.
            Self::Reply(code @ 1..=8) => *code,
            Self::Status(403) => reply::NOT_ALLOWED,
            Self::Status(502..=504) | Self::TargetSilent | Self::TargetTimeout => {
                reply::HOST_UNREACHABLE
            }
            Self::Target(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => reply::REFUSED,
                io::ErrorKind::NetworkUnreachable => reply::NETWORK_UNREACHABLE,
                _ => reply::HOST_UNREACHABLE,
            },
            _ => reply::GENERAL,
        }
    }
}

const fn reply_text(code: u8) -> &'static str {
    match code {
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "general failure",
    }
}
