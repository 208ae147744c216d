//! What became of a job, and what is saved of it.

use std::net::SocketAddr;

use crate::health::Origin;
use crate::port::Port;
use crate::store::Saved;

/// What became of a job that did not fail.
#[derive(Debug)]
pub(crate) enum Done {
    Forwarded(Forwarded),
    /// The port was not free.
    Skipped,
}

/// A port that forwards, and through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The local port.
    pub port: u16,
    /// Where it listens.
    pub address: SocketAddr,
    /// The upstream's id.
    pub proxy_id: String,
    /// The upstream as a URL, without credentials.
    pub upstream: String,
    /// How long its dial and handshake took, in milliseconds.
    pub latency_ms: u64,
    /// The version of the saved data that holds it.
    pub(crate) version: u64,
}

/// What is saved of a port as it is.
pub(crate) fn saved(port: &Port) -> Saved {
    let link = port.link();
    let filter = link.origin.filter();
    Saved {
        port: port.number,
        proxy_id: link.upstream.id.clone(),
        plan: link.plan.clone(),
        action_type: link.action_type.clone(),
        filter: filter.and_then(|filter| serde_json::to_value(filter).ok()),
        upstream: match &link.origin {
            Origin::Inline(given) => Some(given.clone()),
            _ => None,
        },
        options: port.rules().to_saved(),
    }
}

pub(super) fn forwarded(port: &Port, version: u64) -> Forwarded {
    let link = port.link();
    Forwarded {
        port: port.number,
        address: port.address,
        proxy_id: link.upstream.id.clone(),
        upstream: link.upstream.to_string(),
        latency_ms: link.latency_ms(),
        version,
    }
}
