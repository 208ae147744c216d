//! A target: a listener, and how it is reached.

use std::fmt;

/// Which server is trusted.
#[derive(Clone, Debug, Default)]
pub enum Trusted {
    /// The authorities of the system and those of `NODE_EXTRA_CA_CERTS`.
    #[default]
    System,
    /// Only the certificates of a PEM text.
    Authority(String),
    /// The certificate with this SHA-256, in hex with or without colons. Its name and its issuer are not checked.
    Fingerprint(String),
}

/// A listener, and how it is reached.
#[derive(Clone)]
pub struct Target {
    /// Whether TLS is used.
    pub secure: bool,
    /// The host name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path of the WebSocket with its flags: `/ws?…`.
    pub path: String,
    /// The token. It is sent in a header, never in the request line.
    pub token: String,
    /// Which server is trusted.
    pub trusted: Trusted,
}

/// Without the token.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("secure", &self.secure)
            .field("address", &self.address())
            .field("trusted", &self.trusted)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// Host and port as in a URL and in the Host header.
    pub(crate) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The path with the event after which to continue.
    pub(crate) fn path_since(&self, since: Option<u64>, epoch: Option<&str>) -> String {
        let mut path = self.path.clone();
        let mut sign = if path.contains('?') { '&' } else { '?' };
        let epoch = epoch.map(|epoch| ("epoch", epoch.to_owned()));
        let since = since.map(|since| ("since", since.to_string()));
        for (key, value) in epoch.into_iter().chain(since) {
            path.push(sign);
            path.push_str(key);
            path.push('=');
            path.push_str(&value);
            sign = '&';
        }
        path
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn target(port: u16) -> Target {
        Target {
            secure: false,
            host: "127.0.0.1".to_owned(),
            port,
            path: "/ws".to_owned(),
            token: "secret-of-this-test".to_owned(),
            trusted: Trusted::System,
        }
    }

    #[test]
    fn flags_are_added_to_a_path_with_and_without_a_query() {
        let mut target = target(1);
        assert_eq!(target.path_since(None, None), "/ws");
        assert_eq!(target.path_since(Some(7), None), "/ws?since=7");
        target.path = "/a/ws?silent=true".to_owned();
        assert_eq!(
            target.path_since(Some(7), Some("e")),
            "/a/ws?silent=true&epoch=e&since=7"
        );
    }

    #[test]
    fn a_target_shows_no_token_and_brackets_around_ipv6() {
        let mut target = target(80);
        target.host = "::1".to_owned();
        assert_eq!(target.address(), "[::1]:80");
        assert!(!format!("{target:?}").contains("secret"));
    }
}
