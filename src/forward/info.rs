//! What the typed calls of the forward engine return.

use loopwire_runtime as runtime;
use napi_derive::napi;

/// A forwarded port and its upstream.
#[napi(object)]
pub struct Forwarded {
    /// The local port.
    pub port: u16,
    /// The address it listens on, as `"127.0.0.1:60000"`.
    pub address: String,
    /// The id of the upstream.
    pub proxy_id: String,
    /// The upstream as a URL, without credentials.
    pub upstream: String,
    /// How long the connection to the upstream and the handshake with it took, in milliseconds.
    pub latency_ms: f64,
}

/// One forwarded port, as `ports()` returns it. Bytes and connections are counted since it was forwarded.
#[napi(object)]
pub struct PortInfo {
    /// The local port.
    pub port: u16,
    /// The address it listens on, as `"127.0.0.1:60000"`.
    pub address: String,
    /// The id of the current upstream.
    pub proxy_id: String,
    /// The upstream as a URL, without credentials.
    pub upstream: String,
    /// Whether the last handshake with the upstream succeeded.
    pub online: bool,
    /// How long that handshake took, in milliseconds.
    pub latency_ms: f64,
    /// The reason of the last failed handshake; missing if none has failed.
    pub last_error: Option<String>,
    /// The country of the upstream's exit, as the provider gives it; empty if it gives none.
    pub country_code: String,
    /// The city of the exit; empty if the provider gives none.
    pub city: String,
    /// The address of the exit; empty if the provider gives none.
    pub public_ip: String,
    /// How many times this proxy was renewed.
    pub refreshes: f64,
    /// Connections of clients so far.
    pub connections: f64,
    /// Connections that are open now.
    pub streams: f64,
    /// Bytes sent to upstreams.
    pub bytes_up: f64,
    /// Bytes sent to clients.
    pub bytes_down: f64,
}

/// One upstream, counted over all ports that used it.
#[napi(object)]
pub struct UpstreamInfo {
    /// Its id.
    pub proxy_id: String,
    /// Its URL, without credentials.
    pub upstream: String,
    /// How many ports use it now.
    pub ports: f64,
    /// Whether it failed recently and is not used for a while.
    pub cooling: bool,
    /// Connections through it so far.
    pub connections: f64,
    /// Connections that are open now.
    pub streams: f64,
    /// Bytes sent to it.
    pub bytes_up: f64,
    /// Bytes from it that were sent to clients.
    pub bytes_down: f64,
}

/// The counters of the whole forward engine.
#[napi(object)]
pub struct ForwardStats {
    /// How many ports are forwarded.
    pub ports: f64,
    /// How many of them are online.
    pub online: f64,
    /// Connections of clients so far, on the ports that are forwarded now.
    pub connections: f64,
    /// Connections that are open now.
    pub streams: f64,
    /// Bytes sent to upstreams, on the ports that are forwarded now.
    pub bytes_up: f64,
    /// Bytes sent to clients, on the ports that are forwarded now.
    pub bytes_down: f64,
    /// How many `log` events were dropped because the journal was full.
    pub dropped_logs: f64,
    /// The value that `setProtocol` was given.
    pub protocol: u8,
    /// The known upstreams, sorted by id.
    pub upstreams: Vec<UpstreamInfo>,
}

/// JavaScript's numbers are exact up to 2^53: nine petabytes.
#[expect(clippy::cast_precision_loss, reason = "counters stay below 2^53")]
const fn double(number: u64) -> f64 {
    number as f64
}

impl From<runtime::Forwarded> for Forwarded {
    fn from(forwarded: runtime::Forwarded) -> Self {
        Self {
            port: forwarded.port,
            address: forwarded.address.to_string(),
            proxy_id: forwarded.proxy_id,
            upstream: forwarded.upstream,
            latency_ms: double(forwarded.latency_ms),
        }
    }
}

impl From<runtime::PortInfo> for PortInfo {
    fn from(port: runtime::PortInfo) -> Self {
        Self {
            port: port.port,
            address: port.address.to_string(),
            proxy_id: port.proxy_id,
            upstream: port.upstream,
            online: port.online,
            latency_ms: double(port.latency_ms),
            last_error: port.last_error,
            country_code: port.country_code,
            city: port.city,
            public_ip: port.public_ip,
            refreshes: double(port.refreshes),
            connections: double(port.connections),
            streams: double(port.streams),
            bytes_up: double(port.bytes_up),
            bytes_down: double(port.bytes_down),
        }
    }
}

impl From<runtime::UpstreamInfo> for UpstreamInfo {
    fn from(upstream: runtime::UpstreamInfo) -> Self {
        Self {
            proxy_id: upstream.proxy_id,
            upstream: upstream.upstream,
            ports: double(upstream.ports as u64),
            cooling: upstream.cooling,
            connections: double(upstream.connections),
            streams: double(upstream.streams),
            bytes_up: double(upstream.bytes_up),
            bytes_down: double(upstream.bytes_down),
        }
    }
}

impl From<runtime::Stats> for ForwardStats {
    fn from(stats: runtime::Stats) -> Self {
        Self {
            ports: double(stats.ports as u64),
            online: double(stats.online as u64),
            connections: double(stats.connections),
            streams: double(stats.streams),
            bytes_up: double(stats.bytes_up),
            bytes_down: double(stats.bytes_down),
            dropped_logs: double(stats.dropped_logs),
            protocol: stats.protocol,
            upstreams: stats.upstreams.into_iter().map(Into::into).collect(),
        }
    }
}
