//! An upstream proxy, as a provider's list describes it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::credentials::Credentials;
use super::protocol::Protocol;
use super::trust::Authority;
use crate::model::{Failure, Refusal, Target};

/// One proxy of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    pub(crate) id: String,
    pub(crate) protocol: Protocol,
    /// Where it listens; `None` for `direct` alone.
    pub(crate) address: Option<Target>,
    pub(crate) credentials: Option<Credentials>,
    /// Additional trusted certificates for it, if it speaks TLS.
    pub(crate) ca: Option<Arc<Authority>>,
    /// The location of its exit according to the list, for `getConfigJSON`.
    pub(crate) location: Location,
}

/// The location of an upstream's exit, as far as its provider says; `null` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Location {
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

impl Upstream {
    /// Whether both have the same protocol, address and credentials: connections through them are equivalent.
    pub(crate) fn is_equivalent(&self, other: &Self) -> bool {
        self.protocol == other.protocol
            && self.address == other.address
            && self.credentials == other.credentials
    }

    /// Why a request is refused if its handshake has failed so.
    pub(crate) fn refusal(&self, failure: &Failure) -> Refusal {
        Refusal::of_upstream(failure, self.address.as_ref())
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
