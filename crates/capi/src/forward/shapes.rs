//! The objects of the typed calls as JSON, with the keys of the Node addon.

use loopwire_runtime::{Forwarded, PortInfo, Stats, UpstreamInfo};
use serde_json::{Value, json};

pub(super) fn forwarded(forwarded: &Forwarded) -> Value {
    json!({
        "port": forwarded.port,
        "address": forwarded.address.to_string(),
        "proxyId": forwarded.proxy_id,
        "upstream": forwarded.upstream,
        "latencyMs": forwarded.latency_ms,
    })
}

pub(super) fn port(port: &PortInfo) -> Value {
    let mut value = json!({
        "port": port.port,
        "address": port.address.to_string(),
        "proxyId": port.proxy_id,
        "upstream": port.upstream,
        "online": port.online,
        "latencyMs": port.latency_ms,
        "countryCode": port.country_code,
        "city": port.city,
        "publicIp": port.public_ip,
        "refreshes": port.refreshes,
        "connections": port.connections,
        "streams": port.streams,
        "bytesUp": port.bytes_up,
        "bytesDown": port.bytes_down,
    });
    // Missing, as in Node, if none has failed.
    if let Some(error) = &port.last_error {
        value["lastError"] = json!(error);
    }
    value
}

pub(super) fn stats(stats: &Stats) -> Value {
    json!({
        "ports": stats.ports,
        "online": stats.online,
        "connections": stats.connections,
        "streams": stats.streams,
        "bytesUp": stats.bytes_up,
        "bytesDown": stats.bytes_down,
        "droppedLogs": stats.dropped_logs,
        "protocol": stats.protocol,
        "upstreams": stats.upstreams.iter().map(upstream).collect::<Vec<_>>(),
    })
}

fn upstream(upstream: &UpstreamInfo) -> Value {
    json!({
        "proxyId": upstream.proxy_id,
        "upstream": upstream.upstream,
        "ports": upstream.ports,
        "cooling": upstream.cooling,
        "connections": upstream.connections,
        "streams": upstream.streams,
        "bytesUp": upstream.bytes_up,
        "bytesDown": upstream.bytes_down,
    })
}
