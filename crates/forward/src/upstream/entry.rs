//! An entry of a provider's list, and the upstream that it describes.

use std::sync::Arc;

use serde::Deserialize;

use super::credentials::Credentials;
use super::protocol::Protocol;
use super::proxy::{Location, Upstream};
use super::trust::Authority;
use crate::model::{Detail, Flaw, Target};

/// An entry of a list, not checked yet.
#[derive(Default, Deserialize)]
pub(crate) struct Entry {
    id: Option<String>,
    protocol: String,
    #[serde(default)]
    host: String,
    #[serde(default)]
    port: u16,
    username: Option<String>,
    password: Option<String>,
    ca: Option<String>,
    #[serde(flatten)]
    location: Location,
}

impl Entry {
    /// An entry from a protocol and an address.
    pub(crate) fn at(protocol: Protocol, address: Option<Target>) -> Self {
        Self {
            protocol: protocol.name().to_owned(),
            host: address
                .as_ref()
                .map(|at| at.host.to_string())
                .unwrap_or_default(),
            port: address.map(|at| at.port).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The same with credentials.
    pub(crate) fn with(self, username: String, password: String) -> Self {
        Self {
            username: Some(username),
            password: Some(password),
            ..self
        }
    }

    /// The upstream it describes. Without an id, its URL becomes the id.
    pub(crate) fn check(self) -> Result<Upstream, Flaw> {
        let protocol: Protocol = self.protocol.parse()?;
        let address = match protocol {
            Protocol::Direct => None,
            _ if self.port == 0 => return Err(Flaw::Port),
            _ => Some(Target::new(&self.host, self.port).ok_or(Flaw::Host)?),
        };
        let credentials = match (self.username, self.password) {
            (None, None) => None,
            (username, password) => Some(Credentials {
                username: username.unwrap_or_default(),
                password: password.unwrap_or_default(),
            }),
        };
        if let Some(credentials) = &credentials {
            credentials.check(protocol)?;
        }
        let ca = match self.ca.filter(|_| protocol == Protocol::Https) {
            Some(pem) => Some(Arc::new(Authority::new(&pem).ok_or(Flaw::Ca)?)),
            None => None,
        };
        let mut upstream = Upstream {
            id: String::new(),
            protocol,
            address,
            credentials,
            ca,
            location: self.location,
        };
        upstream.id = self.id.unwrap_or_else(|| upstream.to_string());
        Ok(upstream)
    }
}

/// An entry of a list must have an id.
impl TryFrom<Entry> for Upstream {
    type Error = Detail;

    fn try_from(entry: Entry) -> Result<Self, Detail> {
        if entry.id.is_none() {
            return Err(Flaw::Id.into());
        }
        Ok(entry.check()?)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    fn upstream(json: &str) -> Result<Upstream, Detail> {
        serde_json::from_str::<Entry>(json).unwrap().try_into()
    }

    #[test]
    fn no_secret_is_shown() {
        let upstream = upstream(
            r#"{"id":"a","protocol":"socks5","host":"::1","port":1,"username":"alice","password":"s3cret"}"#,
        )
        .unwrap();
        let shown = format!("{upstream:?} {upstream}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("alice"),
            "{shown}"
        );
        assert_eq!(upstream.to_string(), "socks5://[::1]:1");
    }

    #[test]
    fn invalid_entries_are_rejected() {
        for (json, detail) in [
            (
                r#"{"id":"a","protocol":"gopher","host":"h","port":1}"#,
                Detail::ProxyInvalid,
            ),
            (
                r#"{"id":"a","protocol":"http","port":1}"#,
                Detail::ProxyInvalid,
            ),
            (
                r#"{"id":"a","protocol":"http","host":"h"}"#,
                Detail::ProxyInvalid,
            ),
            (
                r#"{"id":"a","protocol":"http","host":"h","port":1,"username":"a:b"}"#,
                Detail::ProxyInvalid,
            ),
            (
                r#"{"id":"a","protocol":"socks5","host":"h","port":1,"username":"a"}"#,
                Detail::ProxyInvalid,
            ),
            (
                r#"{"protocol":"http","host":"h","port":1}"#,
                Detail::ProxyInvalid,
            ),
            (
                r#"{"id":"a","protocol":"https","host":"h","port":1,"ca":"no certificate"}"#,
                Detail::ProxyInvalid,
            ),
        ] {
            assert_eq!(upstream(json).unwrap_err(), detail, "{json}");
        }
        assert!(upstream(r#"{"id":"a","protocol":"direct"}"#).is_ok());
    }
}
