//! The messages of the channel itself to one connection: `hello`, `gap`, `pong`, replies and the others.

use std::time::SystemTime;

use serde::Serialize;

use crate::event::json::timestamp;

/// `{"type":"ping"}`, which clients of the sandbox's forms answer.
pub(crate) const PING: &str = r#"{"type":"ping"}"#;

/// Why a client does not get some events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum GapReason {
    /// The journal has overwritten them.
    Overflow,
    /// They belong to a runtime that has ended.
    Restart,
    /// The client says that it has seen more events than there are.
    Ahead,
    /// They went to another connection while this one was on standby.
    Standby,
}

/// The first message of a `loopwire.v1` connection.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hello<'a> {
    pub(crate) connection_id: &'a str,
    pub(crate) epoch: &'a str,
    pub(crate) seq: u64,
    pub(crate) active: bool,
    pub(crate) heartbeat_ms: u64,
    /// What is known of a client that numbers its messages.
    #[serde(flatten)]
    pub(crate) taken: Option<LastTaken<'a>>,
}

/// The number of a client's last message that was taken, and the name of the memory that knows it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct LastTaken<'a> {
    pub(crate) taken: u64,
    pub(crate) memory: &'a str,
}

#[derive(Serialize)]
struct Message<'a, T: Serialize> {
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
}

fn text<T: Serialize>(kind: &str, data: Option<T>, stamped: bool) -> String {
    let timestamp = stamped.then(|| timestamp(SystemTime::now()));
    let message = Message {
        r#type: kind,
        data,
        timestamp,
    };
    // It consists of strings, numbers and booleans, which always serialise.
    serde_json::to_string(&message).unwrap_or_default()
}

pub(crate) fn hello(hello: &Hello<'_>) -> String {
    text("hello", Some(hello), true)
}

pub(crate) fn pong() -> String {
    text::<()>("pong", None, true)
}

/// The acknowledgement of a client's numbered message, and of all before it. `refusal` is a code and a message if the
/// channel has refused it.
pub(crate) fn ack(n: u64, refusal: Option<(&str, &str)>) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        n: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str>,
    }
    let (code, message) = refusal.unzip();
    text("ack", Some(Data { n, code, message }), false)
}

pub(crate) fn gap(from: u64, to: u64, reason: GapReason) -> String {
    text(
        "gap",
        Some(serde_json::json!({"from": from, "to": to, "reason": reason})),
        false,
    )
}

pub(crate) fn resumed(from: u64, to: u64) -> String {
    text(
        "resumed",
        Some(serde_json::json!({"from": from, "to": to})),
        false,
    )
}

/// `active` or `standby`, with the number of the last event the slot has passed.
pub(crate) fn slot_state(active: bool, seq: u64) -> String {
    let kind = if active { "active" } else { "standby" };
    text(kind, Some(serde_json::json!({"seq": seq})), false)
}

/// How many events were held back in a silence (PROTOCOL section 6). `seq` is the number of the last event before it.
pub(crate) fn summary(kind: &str, changed: u64, since: SystemTime, seq: Option<u64>) -> String {
    #[derive(Serialize)]
    struct Summary<'a, T: Serialize> {
        #[serde(flatten)]
        message: Message<'a, T>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    }
    let message = Message {
        r#type: kind,
        data: Some(serde_json::json!({"changed": changed, "since": timestamp(since)})),
        timestamp: Some(timestamp(SystemTime::now())),
    };
    serde_json::to_string(&Summary { message, seq }).unwrap_or_default()
}

/// The reply to a command: its name and its data, with the client's id as the last key (PROTOCOL section 7).
pub(crate) fn reply(
    command: &str,
    data: &impl Serialize,
    id: Option<&serde_json::Value>,
) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Data<'a, T> {
        #[serde(flatten)]
        data: T,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a serde_json::Value>,
    }
    serde_json::to_string(&Message {
        r#type: command,
        data: Some(Data { data, id }),
        timestamp: Some(timestamp(SystemTime::now())),
    })
}

/// The reply to a command that failed (PROTOCOL section 7).
pub(crate) fn error(
    code: &str,
    message: &str,
    id: Option<&serde_json::Value>,
    command: Option<&str>,
) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        code: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a serde_json::Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        command: Option<&'a str>,
    }
    text(
        "error",
        Some(Data {
            code,
            message,
            id,
            command,
        }),
        true,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_keys_of_the_protocol_in_its_order() {
        assert_eq!(
            gap(3, 7, GapReason::Overflow),
            r#"{"type":"gap","data":{"from":3,"to":7,"reason":"overflow"}}"#
        );
        assert_eq!(
            resumed(1, 2),
            r#"{"type":"resumed","data":{"from":1,"to":2}}"#
        );
        assert_eq!(
            slot_state(false, 9),
            r#"{"type":"standby","data":{"seq":9}}"#
        );
        let summary = |seq| summary("file:summary", 3, SystemTime::UNIX_EPOCH, seq);
        let begin = concat!(
            r#"{"type":"file:summary","data":{"changed":3,"#,
            r#""since":"1970-01-01T00:00:00.000Z"},"timestamp":""#
        );
        assert!(summary(Some(7)).starts_with(begin));
        assert!(summary(Some(7)).ends_with(r#"Z","seq":7}"#));
        assert!(summary(None).ends_with(r#"Z"}"#));
        assert!(pong().starts_with(r#"{"type":"pong","timestamp":"2"#));
        let hello = hello(&Hello {
            connection_id: "conn-1",
            epoch: "e",
            seq: 4,
            active: true,
            heartbeat_ms: 30_000,
            taken: None,
        });
        assert!(hello.starts_with(concat!(
            r#"{"type":"hello","data":{"connectionId":"conn-1","epoch":"e","#,
            r#""seq":4,"active":true,"heartbeatMs":30000},"timestamp":""#
        )));
    }
}
