//! The engine's events and their detailed forms: one function per type.

use loopwire_channel::{Event, Topic};
use serde::Serialize;

use super::detail::{CODE, Detail};
use super::range::Range;

/// The topic of all events of the engine.
pub(crate) const TOPIC: Topic = Topic::engine(0);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PortDetail<'a> {
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    online: Option<bool>,
    reason: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompletedDetail<'a> {
    request_id: &'a str,
    forwarded: &'a [u16],
    failed: &'a [u16],
    skipped: &'a [u16],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDetail<'a> {
    request_id: &'a str,
    code: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    failed: &'a [u16],
    #[serde(skip_serializing_if = "<[u16]>::is_empty")]
    skipped: &'a [u16],
}

#[derive(Serialize)]
struct RestoreDetail<'a> {
    restored: &'a [u16],
    failed: &'a [u16],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RangeDetail<'a> {
    start: u16,
    count: u16,
    ip_format: &'a str,
}

/// A port's online state changed, or the port was removed on request.
pub(crate) fn port_state_update(port: u16, online: bool, reason: &str) -> Event {
    let online = Some(online);
    twin(
        Event::payload(TOPIC, "portStateUpdate", &port.to_string()),
        &PortDetail {
            port,
            online,
            reason,
        },
    )
}

/// The engine removed a port itself.
pub(crate) fn port_removed(port: u16, reason: &str) -> Event {
    let online = None;
    twin(
        Event::payload(TOPIC, "portRemoved", &port.to_string()),
        &PortDetail {
            port,
            online,
            reason,
        },
    )
}

/// A request has ended.
pub(crate) fn forward_list_completed(
    request_id: &str,
    forwarded: &[u16],
    failed: &[u16],
    skipped: &[u16],
) -> Event {
    twin(
        Event::payload(TOPIC, "forwardListCompleted", request_id),
        &CompletedDetail {
            request_id,
            forwarded,
            failed,
            skipped,
        },
    )
}

/// A request failed.
pub(crate) fn proxy_error(
    request_id: &str,
    failed: &[u16],
    skipped: &[u16],
    detail: &Detail,
) -> Event {
    let reason = detail.to_string();
    twin(
        Event::payload(
            TOPIC,
            "proxyError",
            &format!("{request_id}:{CODE}@{reason}"),
        ),
        &ErrorDetail {
            request_id,
            code: CODE,
            reason: &reason,
            http_status: detail.http_status(),
            failed,
            skipped,
        },
    )
}

/// The range or the address template changed.
pub(crate) fn setting_port_change(range: &Range) -> Event {
    twin(
        Event::payload(TOPIC, "settingPortChange", &range.to_string()),
        &RangeDetail {
            start: range.start(),
            count: range.count(),
            ip_format: range.format(),
        },
    )
}

/// Each saved port has been tried once.
pub(crate) fn restore_done(restored: &[u16], failed: &[u16]) -> Event {
    twin(
        Event::bare(TOPIC, "restoreDone"),
        &RestoreDetail { restored, failed },
    )
}

/// A debug message.
pub(crate) fn log(message: &str) -> Event {
    Event::payload(TOPIC, "log", message)
}

/// The local HTTP API could not start.
pub(crate) fn http_error(message: &str) -> Event {
    Event::payload(TOPIC, "httpError", message)
}

/// Adds the detailed form. These structs always serialise; if one did not, the plain event is published all the same.
fn twin(event: Event, detail: &impl Serialize) -> Event {
    event.clone().with_detail(detail).unwrap_or(event)
}

#[cfg(test)]
#[path = "events_test.rs"]
mod tests;
