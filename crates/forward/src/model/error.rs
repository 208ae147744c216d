//! What can go wrong in a call, for the person who must act.

use super::detail::{CODE, Detail};
use super::flaw::Flaw;

/// Why a call failed. None of them ever holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// A provider that is neither a file nor an HTTP API.
    #[error(
        "setAPIHost: a provider must be a file:///, http:// or https:// URL, `{scheme}` is none of these schemes"
    )]
    ProviderScheme {
        /// What stood before the colon.
        scheme: String,
    },
    /// A file URL that names no local absolute path, or an HTTP URL that is none or holds what it must not.
    #[error(
        "setAPIHost: the URL must be file:/// and an absolute path on this machine, or http(s):// and a host, without user name, password and fragment (setHeader and setQuery take keys)"
    )]
    ProviderUrl,
    /// A header that cannot be sent.
    #[error("setHeader: {problem}")]
    Header {
        /// What is wrong, without the value.
        problem: &'static str,
    },
    /// A query parameter that cannot be sent.
    #[error("setQuery: {problem}")]
    Query {
        /// What is wrong, without the value.
        problem: &'static str,
    },
    /// A filter of `createWithConfigure` that is none.
    #[error("createWithConfigure: {problem}")]
    Filter {
        /// Which key is wrong.
        problem: String,
    },
    /// A port's configuration that is none.
    #[error("{call}: {problem}")]
    PortConfig {
        /// The function it was given to.
        call: &'static str,
        /// Which key is wrong.
        problem: String,
    },
    /// An address template without exactly one `%d`, or without an address.
    #[error(
        "updateIpFormatAndPorts: the format must be an IP address, a colon and %d, as 127.0.0.1:%d"
    )]
    IpFormat,
    /// An address that other machines can reach, while the local ports ask for no credentials.
    #[error(
        "{address} is not a loopback address: others can reach its ports, so local credentials must be asked for (setProxyAuth)"
    )]
    AddressNotLoopback {
        /// The address.
        address: String,
    },
    /// An upstream that `forward` cannot use. Never says what was written.
    #[error("forward: {0}")]
    Upstream(String),
    /// Local credentials are to be asked for, and there are none.
    #[error(
        "setEnableProxyAuth: there are no credentials yet; setProxyAuth(1, username, password) sets them"
    )]
    NoCredentials,
    /// Local credentials that a client could not show.
    #[error(
        "setProxyAuth: the username must have 1 to 255 bytes and no colon, the password 1 to 255 bytes"
    )]
    CredentialsInvalid,
    /// A kind of tunnel that does not exist.
    #[error("setProtocol: 0 (Auto), 1 (Mux) or 2 (Qux)")]
    Protocol,
    /// A port that is not forwarded.
    #[error("port {port} is not forwarded")]
    NotForwarded {
        /// The port.
        port: u16,
    },
    /// The saved data cannot be used.
    #[error("setSaveDataPath: {text}")]
    Save {
        /// The store's own code.
        code: &'static str,
        /// What is wrong.
        text: String,
    },
    /// There is no saved data.
    #[error("restoreData: call setSaveDataPath first")]
    NoSavePath,
    /// A range that is empty, starts at 0 or ends above 65535.
    #[error("the port range must have at least one port and lie within 1 and 65535")]
    PortRange,
    /// A request for a forwarded port failed; a `proxyError` event said so too.
    #[error("port {port}: {detail}")]
    Request {
        /// The local port it was for.
        port: u16,
        /// What the event said.
        detail: Detail,
    },
}

impl From<Flaw> for ForwardError {
    fn from(flaw: Flaw) -> Self {
        Self::Upstream(flaw.to_string())
    }
}

impl ForwardError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ProviderScheme { .. } => "ERR_PROVIDER_SCHEME",
            Self::ProviderUrl => "ERR_PROVIDER_URL",
            Self::Header { .. } => "ERR_HEADER",
            Self::Query { .. } => "ERR_QUERY",
            Self::Filter { .. } => "ERR_FILTER",
            Self::PortConfig { .. } => "ERR_PORT_CONFIG",
            Self::IpFormat => "ERR_IP_FORMAT",
            Self::AddressNotLoopback { .. } => "ERR_ADDRESS_NOT_LOOPBACK",
            Self::Upstream(_) => "ERR_UPSTREAM_INVALID",
            Self::NoCredentials => "ERR_NO_PROXY_AUTH",
            Self::CredentialsInvalid => "ERR_PROXY_AUTH_INVALID",
            Self::Protocol => "ERR_PROTOCOL",
            Self::NotForwarded { .. } => "ERR_PORT_NOT_FORWARDED",
            Self::Save { code, .. } => code,
            Self::NoSavePath => "ERR_NO_SAVE_PATH",
            Self::PortRange => "ERR_PORT_RANGE",
            Self::Request { .. } => CODE,
        }
    }
}
