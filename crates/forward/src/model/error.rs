//! Errors of the engine's calls. Each message says what to do.

use loopwire_channel::Cause;

use super::detail::{CODE, Detail};
use super::flaw::Flaw;

/// Why a call failed. No message contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// A provider that is neither a file nor an HTTP API.
    #[error(
        "setAPIHost: a provider must be a file:///, http:// or https:// URL, the scheme `{scheme}` is not supported"
    )]
    ProviderScheme {
        /// The text before the colon.
        scheme: String,
    },
    /// A file URL without an absolute local path, or an invalid HTTP URL.
    #[error(
        "setAPIHost: the URL must be file:/// and an absolute path on this machine, or http(s):// and a host, without user name, password and fragment (setHeader and setQuery take keys)"
    )]
    ProviderUrl,
    /// A header that cannot be sent.
    #[error("setHeader: {problem}")]
    Header {
        /// What is wrong. Never contains the value.
        problem: &'static str,
    },
    /// A query parameter that cannot be sent.
    #[error("setQuery: {problem}")]
    Query {
        /// What is wrong. Never contains the value.
        problem: &'static str,
    },
    /// An invalid filter of `createWithConfigure`.
    #[error("createWithConfigure: {problem}")]
    Filter {
        /// Which key is wrong.
        problem: String,
    },
    /// An invalid port configuration.
    #[error("{call}: {problem}")]
    PortConfig {
        /// The function that was called.
        call: &'static str,
        /// Which key is wrong.
        problem: String,
    },
    /// An address template without exactly one `%d`, or without an address.
    #[error(
        "updateIpFormatAndPorts: the format must be an IP address, a colon and %d, as 127.0.0.1:%d"
    )]
    IpFormat,
    /// An address that other machines can reach while local ports require no credentials.
    #[error(
        "{address} is not a loopback address: other machines can reach its ports, so local ports must require credentials (setProxyAuth)"
    )]
    AddressNotLoopback {
        /// The address.
        address: String,
    },
    /// An invalid upstream of `forward`. The message never repeats the input.
    #[error("forward: {0}")]
    Upstream(String),
    /// Local credentials are required, but none are set.
    #[error(
        "setEnableProxyAuth: there are no credentials yet; call setProxyAuth(1, username, password) first"
    )]
    NoCredentials,
    /// Local credentials that a client could not send.
    #[error(
        "setProxyAuth: the username must have 1 to 255 bytes and no colon, the password 1 to 255 bytes"
    )]
    CredentialsInvalid,
    /// An unknown protocol.
    #[error("setProtocol: the protocol must be 0 (Auto), 1 (Mux) or 2 (Qux)")]
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
    /// There is no directory for saved data.
    #[error("restoreData: call setSaveDataPath first")]
    NoSavePath,
    /// A range that is empty, starts at 0 or ends above 65535.
    #[error("the port range must have at least one port and lie within 1 and 65535")]
    PortRange,
    /// A request for a port failed; a `proxyError` event was published as well.
    #[error("port {port}: {detail}{}", behind(": ", advice.as_deref()))]
    Request {
        /// The local port.
        port: u16,
        /// The detail of the event.
        detail: Detail,
        /// What the system or a library said. It is in no event.
        cause: Option<Box<Cause>>,
        /// What to do about it.
        advice: Option<String>,
    },
}

fn behind(between: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("{between}{text}"))
}

impl From<Flaw> for ForwardError {
    fn from(flaw: Flaw) -> Self {
        Self::Upstream(flaw.to_string())
    }
}

impl ForwardError {
    /// The local port that it is about.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        match self {
            Self::NotForwarded { port } | Self::Request { port, .. } => Some(*port),
            _ => None,
        }
    }

    /// What the system or a library said.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Request { cause, .. } => cause.as_deref(),
            _ => None,
        }
    }

    /// The message with what the system or a library said, for calls that have only a text.
    #[must_use]
    pub fn whole(&self) -> String {
        let cause = self.cause().map(Cause::message);
        format!("{self}{}", behind(": ", cause.as_deref()))
    }

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
            // As what waits when the runtime ends, whichever comes first.
            Self::Request {
                detail: Detail::ShutDown,
                ..
            } => "ERR_SHUT_DOWN",
            Self::Request { .. } => CODE,
        }
    }
}
