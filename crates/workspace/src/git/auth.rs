//! What an operation authenticates with. Nothing of it can be printed.

use std::fmt;

use serde::Deserialize;

/// A text that must not be seen: a password, a token, a private key.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What an operation authenticates with, if it is asked.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Auth {
    /// A private key for SSH.
    #[serde(rename_all = "camelCase")]
    SshKey {
        /// The key itself, as OpenSSH writes it into a file.
        private_key: Secret,
        /// What the key is encrypted with.
        passphrase: Option<Secret>,
    },
    /// A token. Servers take it as the password, with any name.
    Token {
        /// The token.
        token: Secret,
        /// The name, if the server wants a certain one.
        username: Option<String>,
    },
    /// A name and a password. Without the password that alone is asked for.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Option<Secret>,
    },
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SshKey { .. } => "SshKey(***)",
            Self::Token { .. } => "Token(***)",
            Self::Password { .. } => "Password(***)",
        })
    }
}
