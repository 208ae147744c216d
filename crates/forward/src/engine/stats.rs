//! The results of `ports()` and `stats()`: the counters of `getConfigJSON` in a newer form.

use std::net::SocketAddr;
use std::time::SystemTime;

use serde::Serialize;

use super::handle::Engine;
use crate::health::UpstreamHealth;
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
    /// Whether its last handshake succeeded.
    pub online: bool,
    /// Why it is online or offline: `reason` of the last `portStateUpdate`.
    pub reason: String,
    /// Since when it is online or offline.
    pub since: SystemTime,
    /// How long that took, in milliseconds.
    pub latency_ms: u64,
    /// The reason of the last failed handshake.
    pub last_error: Option<String>,
    /// The country of the upstream's exit, according to the provider.
    pub country_code: String,
    /// Also according to the provider.
    pub city: String,
    /// Also according to the provider.
    pub public_ip: String,
    /// How often the provider was asked again for this proxy.
    pub refreshes: u64,
    /// Connections over the port's life.
    pub connections: u64,
    /// Open connections.
    pub streams: u64,
    /// Bytes that upstreams took over the port's life.
    pub bytes_up: u64,
    /// Bytes that clients took over the port's life.
    pub bytes_down: u64,
}

/// One upstream, over all ports that it has served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamInfo {
    /// Its id.
    pub proxy_id: String,
    /// Its URL, without credentials.
    pub upstream: String,
    /// How many ports it serves now.
    pub ports: usize,
    /// Whether it failed lately and is in its pause.
    pub cooling: bool,
    /// Connections through it.
    pub connections: u64,
    /// The open ones.
    pub streams: u64,
    /// Bytes it took.
    pub bytes_up: u64,
    /// Bytes that clients took from it.
    pub bytes_down: u64,
}

/// The engine as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Forwarded ports.
    pub ports: usize,
    /// The online ones.
    pub online: usize,
    /// Connections over the lives of the forwarded ports.
    pub connections: u64,
    /// Open connections.
    pub streams: u64,
    /// Bytes that upstreams took through the forwarded ports.
    pub bytes_up: u64,
    /// Bytes that their clients took.
    pub bytes_down: u64,
    /// Dropped `log` events.
    pub dropped_logs: u64,
    /// The value of `setProtocol`.
    pub protocol: u8,
    /// The known upstreams, ordered by id.
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
        let mut upstreams: Vec<_> = self.0.context.upstreams.all();
        upstreams.sort_by_cached_key(|health| (health.id().to_owned(), health.name()));
        Stats {
            ports: ports.len(),
            online: ports.iter().filter(|port| port.online).count(),
            connections: ports.iter().map(|port| port.connections).sum(),
            streams: ports.iter().map(|port| port.streams).sum(),
            bytes_up: ports.iter().map(|port| port.bytes_up).sum(),
            bytes_down: ports.iter().map(|port| port.bytes_down).sum(),
            dropped_logs: self.dropped_logs(),
            protocol: self.protocol(),
            upstreams: upstreams.iter().map(|health| upstream(health)).collect(),
        }
    }
}

fn upstream(health: &UpstreamHealth) -> UpstreamInfo {
    let counters: &Counters = &health.counters;
    UpstreamInfo {
        proxy_id: health.id().to_owned(),
        upstream: health.name(),
        ports: health.users(),
        cooling: health.is_cooling(),
        connections: health.connections.total(),
        streams: health.connections.open(),
        bytes_up: counters.up(),
        bytes_down: counters.down(),
    }
}

fn info(port: &Port) -> PortInfo {
    let assignment = port.assignment();
    let location = &assignment.upstream.location;
    let (online, reason, since) = port.health.state();
    PortInfo {
        port: port.number,
        address: port.address,
        proxy_id: assignment.upstream.id.clone(),
        upstream: assignment.upstream.to_string(),
        online,
        reason,
        since,
        latency_ms: assignment.latency_ms(),
        last_error: assignment.last_error(),
        country_code: location.country_code.clone(),
        city: location.city.clone(),
        public_ip: location.public_ip.clone(),
        refreshes: assignment.refreshes,
        connections: port.connections.total(),
        streams: port.connections.open(),
        bytes_up: port.counters.up(),
        bytes_down: port.counters.down(),
    }
}
