//! The text of `getConfigJSON`: the published keys in their order, then ours.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::local_port::Port;

#[derive(Serialize)]
struct Snapshot<'a> {
    proxy_id: &'a str,
    plan: &'a str,
    country_code: &'a str,
    address: String,
    binding_type: &'a str,
    #[serde(rename = "Index")]
    index: u16,
    client_country_code: String,
    is_online: bool,
    city: &'a str,
    public_ip: &'a str,
    origin_id: &'a str,
    server_id: &'a str,
    last_refresh: u64,
    count_refresh: u64,
    prepare_start_date: u64,
    manual: bool,
    action_type: u8,
    streams: u64,
    bw: Bandwidth<'a>,
    upstream: String,
    latency_ms: u64,
    last_error: Option<String>,
    connections: u64,
}

/// `bw_…` counts for the upstream in service, `bytes_…` over the port's life.
#[derive(Serialize)]
struct Bandwidth<'a> {
    id: &'a str,
    bw_up: u64,
    bw_down: u64,
    session_time: u64,
    bytes_write: u64,
    bytes_read: u64,
}

/// The text for one port. Reads only, and takes locks only to copy a pointer.
pub(crate) fn config_json(port: &Port) -> String {
    let assignment = port.assignment();
    let (upstream, location) = (&assignment.upstream, &assignment.upstream.location);
    let manual = assignment.action_type == "manual";
    let snapshot = Snapshot {
        proxy_id: &upstream.id,
        plan: &assignment.plan,
        country_code: &location.country_code,
        address: port.address.to_string(),
        binding_type: "ip",
        index: port.number,
        client_country_code: port.context.account.country(),
        is_online: port.health.online(),
        city: &location.city,
        public_ip: &location.public_ip,
        origin_id: "",
        server_id: "",
        last_refresh: unix(assignment.taken),
        count_refresh: assignment.refreshes,
        prepare_start_date: unix(assignment.requested),
        manual,
        action_type: u8::from(manual),
        streams: port.connections.open(),
        bw: Bandwidth {
            id: &upstream.id,
            bw_up: assignment.counters.up(),
            bw_down: assignment.counters.down(),
            session_time: assignment.since.elapsed().as_secs(),
            bytes_write: port.counters.up(),
            bytes_read: port.counters.down(),
        },
        upstream: upstream.to_string(),
        latency_ms: assignment.latency_ms(),
        last_error: assignment.last_error(),
        connections: port.connections.total(),
    };
    serde_json::to_string(&snapshot).unwrap_or_else(|_| "{}".to_owned())
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
