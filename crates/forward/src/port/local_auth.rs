//! Local authentication: which protocols a local port accepts, and which credentials.

use std::sync::Arc;

use base64::Engine as _;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::upstream::Credentials;

/// Which protocols a local port accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accept {
    /// HTTP and SOCKS5, distinguished by the first byte.
    #[default]
    Any,
    /// Only HTTP: CONNECT and absolute-form requests.
    Http,
    /// Only SOCKS5.
    Socks5,
}

impl Accept {
    pub(crate) const fn http(self) -> bool {
        matches!(self, Self::Any | Self::Http)
    }

    pub(crate) const fn socks5(self) -> bool {
        matches!(self, Self::Any | Self::Socks5)
    }
}

/// The credentials that local ports require, unless a port has its own.
#[derive(Default)]
pub(crate) struct LocalAuth(RwLock<AuthSettings>);

#[derive(Default)]
struct AuthSettings {
    enabled: bool,
    credentials: Option<Arc<Credentials>>,
}

impl LocalAuth {
    /// The credentials that a client must send; `None` if none are required.
    pub(crate) fn credentials(&self) -> Option<Arc<Credentials>> {
        let settings = self.0.read();
        settings.credentials.clone().filter(|_| settings.enabled)
    }

    /// Whether credentials have been set.
    pub(crate) fn has_credentials(&self) -> bool {
        self.0.read().credentials.is_some()
    }

    pub(crate) fn set_enabled(&self, enabled: bool) {
        self.0.write().enabled = enabled;
    }

    pub(crate) fn set(&self, enabled: bool, credentials: Credentials) {
        *self.0.write() = AuthSettings {
            enabled,
            credentials: Some(Arc::new(credentials)),
        };
    }
}

impl Credentials {
    /// Compares in constant time.
    fn are(&self, username: &[u8], password: &[u8]) -> bool {
        let name = self.username.as_bytes().ct_eq(username);
        let secret = self.password.as_bytes().ct_eq(password);
        (name & secret).into()
    }

    /// Whether a SOCKS5 client's credentials are right (RFC 1929).
    pub(crate) fn admit_pair(&self, username: &[u8], password: &[u8]) -> bool {
        self.are(username, password)
    }

    /// Whether a `Proxy-Authorization` value has the right credentials (RFC 7617).
    pub(crate) fn admit_basic(&self, value: &[u8]) -> bool {
        let Some((scheme, coded)) = value.split_at_checked(6) else {
            return false;
        };
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return false;
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(coded.trim_ascii());
        // The user name ends at the first colon: a password may contain colons.
        decoded.is_ok_and(|pair| {
            let colon = pair.iter().position(|&byte| byte == b':');
            colon.is_some_and(|at| self.are(&pair[..at], &pair[at + 1..]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            username: "ali@ce".into(),
            password: "o:pen sésame%".into(),
        }
    }

    #[test]
    fn basic_accepts_the_credentials_and_nothing_else() {
        let code = |pair: &str| base64::engine::general_purpose::STANDARD.encode(pair);
        let right = code("ali@ce:o:pen sésame%");
        for value in [
            format!("Basic {right}"),
            format!("basic {right}"),
            format!("BASIC  {right} "),
        ] {
            assert!(credentials().admit_basic(value.as_bytes()), "{value}");
        }
        for value in [
            String::new(),
            "Basic".into(),
            "Basic ".into(),
            format!("Bearer {right}"),
            format!("Basic {}", code("ali@ce")),
            format!("Basic {}", code("ali@ce:")),
            format!("Basic {}", code("ali@ce:o:pen sésame")),
            format!("Basic {}", code("ali@ce:o:pen sésame%%")),
            format!("Basic {}", code("Ali@ce:o:pen sésame%")),
            format!("Basic {}", code(":")),
            "Basic ====".into(),
        ] {
            assert!(!credentials().admit_basic(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn no_credentials_are_required_until_they_are_enabled() {
        let local_auth = LocalAuth::default();
        local_auth.set_enabled(true);
        assert!(local_auth.credentials().is_none());
        local_auth.set(false, credentials());
        assert!(local_auth.credentials().is_none() && local_auth.has_credentials());
        local_auth.set_enabled(true);
        assert!(local_auth.credentials().is_some());
    }
}
