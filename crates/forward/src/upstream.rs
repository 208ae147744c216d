//! An upstream proxy as a provider's list describes it.

use std::fmt;

use base64::Engine as _;
use serde::Deserialize;

use crate::detail::Detail;
use crate::error::ForwardError;
use crate::target::Target;

/// RFC 1929 has one byte for each length.
const MAX_CREDENTIAL: usize = 255;

/// How to talk to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// CONNECT, and absolute-form for plain HTTP requests.
    Http,
    /// RFC 1928 and 1929.
    Socks5,
    /// No upstream at all. Only where a list says so: never a fallback.
    Direct,
}

impl Protocol {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Socks5 => "socks5",
            Self::Direct => "direct",
        }
    }
}

/// User name and password, as bytes on the wire. Its `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
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
}

/// One proxy of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    pub(crate) id: String,
    pub(crate) protocol: Protocol,
    /// Where it listens; `None` for `direct` alone.
    pub(crate) address: Option<Target>,
    pub(crate) credentials: Option<Credentials>,
    /// What the list says of its exit, for `getConfigJSON`.
    pub(crate) place: Place,
}

/// Where an upstream's traffic comes out, as far as its list says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) country_code: String,
    pub(crate) state: String,
    pub(crate) city: String,
    pub(crate) zip: String,
    pub(crate) isp: String,
    pub(crate) public_ip: String,
}

/// An entry of the list, before it is checked.
#[derive(Deserialize)]
pub(crate) struct Entry {
    id: String,
    protocol: String,
    #[serde(default)]
    host: String,
    #[serde(default)]
    port: u16,
    username: Option<String>,
    password: Option<String>,
    #[serde(flatten)]
    place: Place,
}

impl TryFrom<Entry> for Upstream {
    type Error = Detail;

    fn try_from(entry: Entry) -> Result<Self, Detail> {
        let protocol = match entry.protocol.as_str() {
            "http" => Protocol::Http,
            "socks5" => Protocol::Socks5,
            "direct" => Protocol::Direct,
            "https" => return Err(Detail::UpstreamUnsupported(entry.protocol)),
            _ => return Err(Detail::ProxyInvalid),
        };
        let address = match protocol {
            Protocol::Direct => None,
            _ => Some(Target::new(&entry.host, entry.port).ok_or(Detail::ProxyInvalid)?),
        };
        let credentials = match (entry.username, entry.password) {
            (None, None) => None,
            (username, password) => Some(Credentials {
                username: username.unwrap_or_default(),
                password: password.unwrap_or_default(),
            }),
        };
        if let Some(credentials) = &credentials {
            let lengths = [credentials.username.len(), credentials.password.len()];
            // Basic cannot carry a colon in the name; SOCKS5 cannot carry an empty or a long one.
            let fits = match protocol {
                Protocol::Http => !credentials.username.contains(':'),
                Protocol::Socks5 => lengths
                    .iter()
                    .all(|&length| length > 0 && length <= MAX_CREDENTIAL),
                Protocol::Direct => true,
            };
            if !fits {
                return Err(Detail::ProxyInvalid);
            }
        }
        Ok(Self {
            id: entry.id,
            protocol,
            address,
            credentials,
            place: entry.place,
        })
    }
}

impl Upstream {
    // STAND-INS until the transport branch lands.
    pub(crate) fn from_url(_url: &str) -> Result<Self, ForwardError> { Err(ForwardError::Protocol) }
    pub(crate) fn inline(_json: &str) -> Result<(Self, serde_json::Value), ForwardError> { Err(ForwardError::Protocol) }
    pub(crate) fn given(_given: &serde_json::Value) -> Result<Self, ForwardError> { Err(ForwardError::Protocol) }

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
                r#"{"id":"a","protocol":"https","host":"h","port":1}"#,
                Detail::UpstreamUnsupported("https".into()),
            ),
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
