//! User names and passwords: those of upstreams, and those that local ports require.

use std::fmt;

use base64::Engine as _;

use super::protocol::Protocol;
use crate::model::{Flaw, ForwardError};

/// RFC 1929 has one byte for each length.
const MAX_CREDENTIAL: usize = 255;

/// User name and password. Its `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// Credentials for the clients of local ports: both Basic and SOCKS5 can carry them.
    pub(crate) fn local(username: &str, password: &str) -> Result<Self, ForwardError> {
        let fits = |text: &str| (1..=MAX_CREDENTIAL).contains(&text.len());
        if !fits(username) || !fits(password) || username.contains(':') {
            return Err(ForwardError::CredentialsInvalid);
        }
        Ok(Self {
            username: username.to_owned(),
            password: password.to_owned(),
        })
    }

    /// The value of `Proxy-Authorization`.
    pub(crate) fn basic(&self) -> String {
        let pair = format!("{}:{}", self.username, self.password);
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    }

    /// Basic cannot carry a colon in the user name; SOCKS5 cannot carry an empty or a long one.
    pub(super) fn check(&self, protocol: Protocol) -> Result<(), Flaw> {
        let lengths = [self.username.len(), self.password.len()];
        match protocol {
            Protocol::Http | Protocol::Https if self.username.contains(':') => Err(Flaw::Colon),
            Protocol::Socks5
                if !lengths
                    .iter()
                    .all(|length| (1..=MAX_CREDENTIAL).contains(length)) =>
            {
                Err(Flaw::Length)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_carries_any_bytes() {
        let credentials = Credentials {
            username: "ü@%".into(),
            password: "p:w d".into(),
        };
        assert_eq!(credentials.basic(), "Basic w7xAJTpwOncgZA==");
    }
}
