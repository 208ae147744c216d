//! A port's own rules: the options of `forward`.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::local_auth::Accept;
use crate::model::{ForwardError, Target};
use crate::upstream::Credentials;

/// How long `drain` lets connections of a replaced upstream continue. Thirty seconds: answers in progress get
/// through, and no client stays on an upstream that may be gone.
pub(super) const DRAIN: Duration = Duration::from_secs(30);

/// What happens to open connections when another upstream takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnRotate {
    /// They continue with the old upstream until they end by themselves.
    #[default]
    Keep,
    /// They may continue for 30 seconds, then they are reset.
    Drain,
    /// They are reset at once.
    Break,
}

/// A port's own rules; the default is what every port does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Which protocols the port accepts.
    pub accept: Accept,
    /// The target that a check asks an HTTP upstream to connect to, instead of the one in the settings.
    pub probe: Option<Target>,
    /// What happens to connections at a rotation.
    pub on_rotate: OnRotate,
    /// Whether a failed upstream is replaced; `None` to use the settings.
    pub rotate_on_error: Option<bool>,
    /// The port's own credentials; `None` to use those of all ports.
    pub auth: Option<Auth>,
}

/// A port's own credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth(pub(crate) Arc<Credentials>);

impl Auth {
    /// Clients must send these credentials.
    ///
    /// # Errors
    /// [`ForwardError::CredentialsInvalid`].
    pub fn new(username: &str, password: &str) -> Result<Self, ForwardError> {
        Credentials::local(username, password).map(|credentials| Self(Arc::new(credentials)))
    }
}

/// The saved form of the rules.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct SavedRules {
    accept: Accept,
    probe: Option<String>,
    on_rotate: OnRotate,
    rotate_on_error: Option<bool>,
    /// User name and password: only the owner can read the file.
    auth: Option<(String, String)>,
}

impl Default for SavedRules {
    fn default() -> Self {
        Rules::default().saved()
    }
}

impl Rules {
    fn saved(&self) -> SavedRules {
        SavedRules {
            accept: self.accept,
            probe: self.probe.as_ref().map(ToString::to_string),
            on_rotate: self.on_rotate,
            rotate_on_error: self.rotate_on_error,
            auth: self
                .auth
                .as_ref()
                .map(|Auth(pair)| (pair.username.clone(), pair.password.clone())),
        }
    }

    /// The saved form; `None` if all rules are the default.
    pub(crate) fn to_saved(&self) -> Option<serde_json::Value> {
        (*self != Self::default())
            .then(|| serde_json::to_value(self.saved()).ok())
            .flatten()
    }

    /// Reads the saved form.
    pub(crate) fn from_saved(saved: serde_json::Value) -> Option<Self> {
        let saved: SavedRules = serde_json::from_value(saved).ok()?;
        Some(Self {
            accept: saved.accept,
            probe: match saved.probe {
                None => None,
                Some(text) => Some(Target::parse(&text, None)?),
            },
            on_rotate: saved.on_rotate,
            rotate_on_error: saved.rotate_on_error,
            auth: match saved.auth {
                None => None,
                Some((username, password)) => Some(Auth::new(&username, &password).ok()?),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_rules_are_read_back() {
        let rules = Rules {
            accept: Accept::Socks5,
            probe: Target::new("::1", 443),
            on_rotate: OnRotate::Drain,
            rotate_on_error: Some(false),
            auth: Auth::new("a", "b:c").ok(),
        };
        let saved = rules.to_saved();
        assert_eq!(saved.and_then(Rules::from_saved), Some(rules));
        assert_eq!(Rules::default().to_saved(), None);
        let older = serde_json::json!({"accept": "http", "later": 1});
        let read = Rules::from_saved(older).map(|rules| rules.accept);
        assert_eq!(read, Some(Accept::Http));
    }

    #[test]
    fn no_secret_is_shown() {
        let shown = format!("{:?}", Auth::new("alice", "s3cret"));
        assert!(!shown.contains("s3cret") && !shown.contains("alice"));
    }
}
