//! The outcome of a job, and what is saved of it.

use std::net::SocketAddr;

use crate::health::{Assignment, Selection};
use crate::port::{Port, Rules};
use crate::store::Saved;

/// The outcome of a job that did not fail.
#[derive(Debug)]
pub(crate) enum JobOutcome {
    Forwarded(Forwarded),
    /// The port was not free.
    Skipped,
}

/// A forwarded port and its upstream.
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

/// The saved form of a port.
pub(crate) fn saved(port: &Port) -> Saved {
    saved_with(port.number, &port.assignment(), &port.rules())
}

/// The saved form of a port with that upstream and these rules.
pub(super) fn saved_with(port: u16, assignment: &Assignment, rules: &Rules) -> Saved {
    let filter = assignment.selection.filter();
    Saved {
        port,
        proxy_id: assignment.upstream.id.clone(),
        plan: assignment.plan.clone(),
        action_type: assignment.action_type.clone(),
        filter: filter.and_then(|filter| serde_json::to_value(filter).ok()),
        upstream: match &assignment.selection {
            Selection::Inline(given) => Some(given.clone()),
            _ => None,
        },
        options: rules.to_saved(),
    }
}

pub(super) fn forwarded(port: &Port, version: u64) -> Forwarded {
    let assignment = port.assignment();
    Forwarded {
        port: port.number,
        address: port.address,
        proxy_id: assignment.upstream.id.clone(),
        upstream: assignment.upstream.to_string(),
        latency_ms: assignment.latency_ms(),
        version,
    }
}
