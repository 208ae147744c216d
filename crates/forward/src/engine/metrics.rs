//! The engine's figures for `GET /metrics`.

use loopwire_channel::figure;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::handle::Engine;
use super::stats::{PortInfo, UpstreamInfo};

/// One metric of each port, or of each upstream: its name, its help text and its value.
struct Column<T> {
    name: &'static str,
    help: &'static str,
    value: Value<T>,
}

enum Value<T> {
    Counter(fn(&T) -> u64),
    Gauge(fn(&T) -> u64),
}

const PORTS: &[Column<PortInfo>] = &[
    Column {
        name: "forward_port_online",
        help: "Whether the port's upstream works",
        value: Value::Gauge(|port| u64::from(port.online)),
    },
    Column {
        name: "forward_port_streams",
        help: "Connections of clients that are open",
        value: Value::Gauge(|port| port.streams),
    },
    Column {
        name: "forward_port_connections",
        help: "Connections of clients so far",
        value: Value::Counter(|port| port.connections),
    },
    Column {
        name: "forward_port_bytes_up",
        help: "Bytes that upstreams have taken",
        value: Value::Counter(|port| port.bytes_up),
    },
    Column {
        name: "forward_port_bytes_down",
        help: "Bytes that clients have taken",
        value: Value::Counter(|port| port.bytes_down),
    },
];

const UPSTREAMS: &[Column<UpstreamInfo>] = &[
    Column {
        name: "forward_upstream_ports",
        help: "Ports that the upstream serves",
        value: Value::Gauge(|upstream| upstream.ports as u64),
    },
    Column {
        name: "forward_upstream_streams",
        help: "Connections through the upstream that are open",
        value: Value::Gauge(|upstream| upstream.streams),
    },
    Column {
        name: "forward_upstream_connections",
        help: "Connections through the upstream so far",
        value: Value::Counter(|upstream| upstream.connections),
    },
    Column {
        name: "forward_upstream_bytes_up",
        help: "Bytes that the upstream has taken",
        value: Value::Counter(|upstream| upstream.bytes_up),
    },
    Column {
        name: "forward_upstream_bytes_down",
        help: "Bytes that clients have taken from the upstream",
        value: Value::Counter(|upstream| upstream.bytes_down),
    },
];

/// Writes the columns, each with one line per row.
fn table<'a, T: 'a, const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    columns: &[Column<T>],
    rows: &'a [T],
    labels: impl Fn(&'a T) -> [(&'static str, String); N],
) -> std::fmt::Result {
    for column in columns {
        let kind = match column.value {
            Value::Counter(_) => MetricType::Counter,
            Value::Gauge(_) => MetricType::Gauge,
        };
        let mut lines = encoder.encode_descriptor(column.name, column.help, None, kind)?;
        for row in rows {
            let labels = labels(row);
            let line = lines.encode_family(&labels)?;
            match column.value {
                Value::Counter(of) => ConstCounter::new(of(row)).encode(line)?,
                Value::Gauge(of) => gauge(of(row)).encode(line)?,
            }
        }
    }
    Ok(())
}

fn gauge(value: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
}

/// Writes the figures. Without an engine nothing is forwarded.
pub(super) fn encode(
    engine: Option<&Engine>,
    encoder: &mut DescriptorEncoder<'_>,
) -> std::fmt::Result {
    let ports = engine.map(Engine::port_infos).unwrap_or_default();
    let count = gauge(ports.len() as u64);
    figure(
        encoder,
        "forward_ports",
        "Local ports that are forwarded",
        &count,
    )?;
    table(encoder, PORTS, &ports, |port| {
        [("port", port.port.to_string())]
    })?;
    let stats = engine.map(Engine::stats);
    let upstreams = stats.map(|stats| stats.upstreams).unwrap_or_default();
    table(encoder, UPSTREAMS, &upstreams, |upstream| {
        [
            ("proxy_id", upstream.proxy_id.clone()),
            ("upstream", upstream.upstream.clone()),
        ]
    })?;
    let dropped = ConstCounter::new(engine.map_or(0, Engine::dropped_logs));
    figure(
        encoder,
        "forward_logs_dropped",
        "Log events that found no room",
        &dropped,
    )
}
