//! The commands of clients: `port:list`, `port:rotate`, `port:remove` (PROTOCOL section 7).

use std::net::SocketAddr;

use loopwire_channel::json::timestamp;
use loopwire_channel::{Command, CommandError};
use serde::{Deserialize, Serialize};

use super::handle::Engine;
use super::stats::PortInfo;
use crate::model::ForwardError;

/// The data of a command for one port.
const PORT: &str = r#"{"port": a number from 1 to 65535}"#;

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize)]
struct OnePort {
    port: std::num::NonZeroU16,
}

#[derive(Serialize)]
struct List {
    ports: Vec<Row>,
}

/// A port as the protocol has it. Not [`PortInfo`] itself: that may grow with the JavaScript calls.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    port: u16,
    address: SocketAddr,
    proxy_id: String,
    online: bool,
    reason: String,
    since: String,
    upstream: String,
    latency_ms: u64,
    last_error: Option<String>,
    connections: u64,
    streams: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rotated {
    port: u16,
    proxy_id: String,
    upstream: String,
    latency_ms: u64,
}

#[derive(Serialize)]
struct Removed {
    port: u16,
    removed: bool,
}

/// Carries a command out. Without an engine nothing is forwarded, and none is started for this.
pub(super) fn carry_out(engine: Option<&Engine>, command: Command) {
    match command.name() {
        "port:list" => {
            if let Some((Nothing {}, reply)) = command.read("an object") {
                let ports = engine.map(Engine::port_infos).unwrap_or_default();
                reply.send(&List {
                    ports: ports.into_iter().map(Row::from).collect(),
                });
            }
        }
        "port:rotate" => {
            if let Some((OnePort { port }, reply)) = command.read(PORT) {
                let port = port.get();
                let Some(engine) = engine.cloned() else {
                    reply.refuse("NOT_FORWARDED", &not_forwarded(port));
                    return;
                };
                reply.later(async move { rotate(&engine, port).await });
            }
        }
        "port:remove" => {
            if let Some((OnePort { port }, reply)) = command.read(PORT) {
                let port = port.get();
                let removed = engine.is_some_and(|engine| engine.remove_port(port));
                reply.send(&Removed { port, removed });
            }
        }
        _ => command.unknown(),
    }
}

async fn rotate(engine: &Engine, port: u16) -> Result<Rotated, CommandError> {
    match engine.rotate(port).await {
        Ok(forwarded) => Ok(Rotated {
            port: forwarded.port,
            proxy_id: forwarded.proxy_id,
            upstream: forwarded.upstream,
            latency_ms: forwarded.latency_ms,
        }),
        Err(ForwardError::NotForwarded { port }) => {
            Err(CommandError::new("NOT_FORWARDED", not_forwarded(port)))
        }
        // The text behind the `@` of a `proxyError`: what went wrong is one table.
        Err(ForwardError::Request { detail, .. }) => {
            Err(CommandError::new("ROTATE_FAILED", detail.to_string()))
        }
        Err(error) => Err(CommandError::new("ROTATE_FAILED", error.to_string())),
    }
}

fn not_forwarded(port: u16) -> String {
    format!("nothing is forwarded on port {port}")
}

impl From<PortInfo> for Row {
    fn from(info: PortInfo) -> Self {
        Self {
            port: info.port,
            address: info.address,
            proxy_id: info.proxy_id,
            online: info.online,
            reason: info.reason,
            since: timestamp(info.since),
            upstream: info.upstream,
            latency_ms: info.latency_ms,
            last_error: info.last_error,
            connections: info.connections,
            streams: info.streams,
        }
    }
}
