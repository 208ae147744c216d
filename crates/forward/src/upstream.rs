//! An upstream proxy as a provider's list describes it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use serde::{Deserialize, Deserializer};

use crate::detail::Detail;
use crate::error::ForwardError;
use crate::flaw::Flaw;
use crate::target::Target;
use crate::trust::Authority;

/// RFC 1929 has one byte for each length.
const MAX_CREDENTIAL: usize = 255;

/// How to talk to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    /// CONNECT, and absolute-form for plain HTTP requests.
    Http,
    /// The same inside TLS.
    Https,
    /// RFC 1928 and 1929.
    Socks5,
    /// No upstream at all. Only where a list says so: never a fallback.
    Direct,
}

impl Protocol {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Direct => "direct",
        }
    }

    /// Whether it takes plain HTTP requests for any host, and CONNECT for everything else.
    pub(crate) const fn speaks_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

impl FromStr for Protocol {
    type Err = Flaw;

    fn from_str(name: &str) -> Result<Self, Flaw> {
        [Self::Http, Self::Https, Self::Socks5, Self::Direct]
            .into_iter()
            .find(|protocol| protocol.name() == name)
            .ok_or(Flaw::Protocol)
    }
}

/// User name and password, as bytes on the wire. Its `Debug` shows neither.
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
    /// Credentials that clients of local ports have to show: such as both Basic and SOCKS5 can carry.
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

    /// Basic cannot carry a colon in the name; SOCKS5 cannot carry an empty or a long one.
    fn check(&self, protocol: Protocol) -> Result<(), Flaw> {
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

/// One proxy of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    pub(crate) id: String,
    pub(crate) protocol: Protocol,
    /// Where it listens; `None` for `direct` alone.
    pub(crate) address: Option<Target>,
    pub(crate) credentials: Option<Credentials>,
    /// Whom to trust for it in addition, if it speaks TLS.
    pub(crate) ca: Option<Arc<Authority>>,
    /// What the list says of its exit, for `getConfigJSON`.
    pub(crate) place: Place,
}

/// Where an upstream's traffic comes out, as far as its provider says: `null` says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    #[serde(deserialize_with = "text_or_null")]
    pub(crate) country_code: String,
    #[serde(deserialize_with = "text_or_null")]
    pub(crate) state: String,
    #[serde(deserialize_with = "text_or_null")]
    pub(crate) city: String,
    #[serde(deserialize_with = "text_or_null")]
    pub(crate) zip: String,
    #[serde(deserialize_with = "text_or_null")]
    pub(crate) isp: String,
    #[serde(deserialize_with = "text_or_null")]
    pub(crate) public_ip: String,
}

fn text_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An entry of the list, before it is checked.
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
    place: Place,
}

impl Entry {
    /// One of no list: a protocol and an address.
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

    /// The upstream it describes; without an id it is called after its address.
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
            place: self.place,
        };
        upstream.id = self.id.unwrap_or_else(|| upstream.to_string());
        Ok(upstream)
    }
}

/// Of a list, where each has an id.
impl TryFrom<Entry> for Upstream {
    type Error = Detail;

    fn try_from(entry: Entry) -> Result<Self, Detail> {
        if entry.id.is_none() {
            return Err(Flaw::Id.into());
        }
        Ok(entry.check()?)
    }
}

impl Upstream {
    /// Whether connections through the one are as good as through the other.
    pub(crate) fn is_same_way(&self, other: &Self) -> bool {
        self.protocol == other.protocol
            && self.address == other.address
            && self.credentials == other.credentials
    }
}

impl fmt::Display for Upstream {
    /// `socks5://proxy.example:1080`, without credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{}://{address}", self.protocol.name()),
            None => f.write_str(self.protocol.name()),
        }
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
    fn entries_that_cannot_be_used() {
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

    #[test]
    fn basic_carries_any_bytes() {
        let credentials = Credentials {
            username: "ü@%".into(),
            password: "p:w d".into(),
        };
        assert_eq!(credentials.basic(), "Basic w7xAJTpwOncgZA==");
    }
}
