//! What `ports()` and `stats()` say: the same counters as `getConfigJSON`, for new code.

use std::net::SocketAddr;

use serde::Serialize;

use super::handle::Engine;
use crate::health::Record;
use crate::model::Counters;
use crate::port::Port;

/// One forwarded port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortInfo {
    /// The local port.
    pub port: u16,
    /// Where it listens.
    pub address: SocketAddr,
    /// The id of the upstream in service.
    pub proxy_id: String,
    /// The upstream as a URL, without credentials.
    pub upstream: String,
    /// Whether the last handshake with it went well.
    pub online: bool,
    /// How long that took, in milliseconds.
    pub latency_ms: u64,
    /// Why the last one failed that did.
    pub last_error: Option<String>,
    /// What the provider says of the upstream's exit.
    pub country_code: String,
    /// The same.
    pub city: String,
    /// The same.
    pub public_ip: String,
    /// How often the provider was asked for this proxy again.
    pub refreshes: u64,
    /// Connections over the port's life.
    pub connections: u64,
    /// Connections that are open.
    pub streams: u64,
    /// Bytes that upstreams have taken over the port's life.
    pub bytes_up: u64,
    /// Bytes that clients have taken over the port's life.
    pub bytes_down: u64,
}

/// One upstream, over all ports it has served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamInfo {
    /// Its id.
    pub proxy_id: String,
    /// It as a URL, without credentials.
    pub upstream: String,
    /// How many ports it serves now.
    pub ports: usize,
    /// Whether it failed lately and is left alone for a while.
    pub cooling: bool,
    /// Connections made through it.
    pub connections: u64,
    /// Those that are open.
    pub streams: u64,
    /// Bytes it has taken.
    pub bytes_up: u64,
    /// Bytes that clients have taken from it.
    pub bytes_down: u64,
}

/// The engine as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Forwarded ports.
    pub ports: usize,
    /// Those of them that are online.
    pub online: usize,
    /// Connections over the lives of the ports that are forwarded.
    pub connections: u64,
    /// Connections that are open.
    pub streams: u64,
    /// Bytes that upstreams have taken through the ports that are forwarded.
    pub bytes_up: u64,
    /// Bytes that their clients have taken.
    pub bytes_down: u64,
    /// `log` events that found no room.
    pub dropped_logs: u64,
    /// What `setProtocol` was given.
    pub protocol: u8,
    /// The upstreams known, in the order of their ids.
    pub upstreams: Vec<UpstreamInfo>,
}

impl Engine {
    /// The forwarded ports, in order.
    #[must_use]
    pub fn port_infos(&self) -> Vec<PortInfo> {
        let lanes = self.0.all_lanes().into_iter();
        lanes
            .filter_map(|(_, lane)| lane.port())
            .map(|port| info(&port))
            .collect()
    }

    /// One forwarded port.
    #[must_use]
    pub fn port_info(&self, port: u16) -> Option<PortInfo> {
        let found = self.0.used_lane(port).and_then(|lane| lane.port());
        found.map(|port| info(&port))
    }

    /// The engine as a whole.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let ports = self.port_infos();
        let mut upstreams: Vec<_> = self.0.context.ledger.records();
        upstreams.sort_by_cached_key(|record| (record.id().to_owned(), record.name()));
        Stats {
            ports: ports.len(),
            online: ports.iter().filter(|port| port.online).count(),
            connections: ports.iter().map(|port| port.connections).sum(),
            streams: ports.iter().map(|port| port.streams).sum(),
            bytes_up: ports.iter().map(|port| port.bytes_up).sum(),
            bytes_down: ports.iter().map(|port| port.bytes_down).sum(),
            dropped_logs: self.dropped_logs(),
            protocol: self.protocol(),
            upstreams: upstreams.iter().map(|record| upstream(record)).collect(),
        }
    }
}

fn upstream(record: &Record) -> UpstreamInfo {
    let counters: &Counters = &record.counters;
    UpstreamInfo {
        proxy_id: record.id().to_owned(),
        upstream: record.name(),
        ports: record.users(),
        cooling: record.is_cooling(),
        connections: record.connections.total(),
        streams: record.connections.open(),
        bytes_up: counters.up(),
        bytes_down: counters.down(),
    }
}

fn info(port: &Port) -> PortInfo {
    let link = port.link();
    let place = &link.upstream.place;
    PortInfo {
        port: port.number,
        address: port.address,
        proxy_id: link.upstream.id.clone(),
        upstream: link.upstream.to_string(),
        online: port.health.online(),
        latency_ms: link.latency_ms(),
        last_error: link.last_error(),
        country_code: place.country_code.clone(),
        city: place.city.clone(),
        public_ip: place.public_ip.clone(),
        refreshes: link.refreshes,
        connections: port.connections.total(),
        streams: port.connections.open(),
        bytes_up: port.counters.up(),
        bytes_down: port.counters.down(),
    }
}
