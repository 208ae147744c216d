//! What is wrong with an upstream's description. Never repeats the input: it may hold a secret.

use super::detail::Detail;

/// Why a description is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("an upstream must be an object, or a URL like socks5://user:password@host:1080")]
    Shape,
    #[error("the upstream's {0} must be a string")]
    NotText(&'static str),
    #[error("the upstream has no id")]
    Id,
    #[error("the upstream's protocol must be http, https, socks5 or direct")]
    Protocol,
    #[error("the upstream's host is missing or not valid")]
    Host,
    #[error("the upstream's port must be a number from 1 to 65535")]
    Port,
    #[error("the upstream's URL must end after host and port")]
    Rest,
    #[error("the upstream's user name or password is not percent-encoded UTF-8")]
    Encoding,
    #[error("the user name for an HTTP upstream cannot contain a colon")]
    Colon,
    #[error("a SOCKS5 upstream takes a user name and a password of 1 to 255 bytes each")]
    Length,
    #[error("the upstream's ca must be one or more certificates in PEM")]
    Ca,
}

impl From<Flaw> for Detail {
    fn from(_: Flaw) -> Self {
        Self::ProxyInvalid
    }
}
