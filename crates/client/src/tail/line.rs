//! A line: one message of a listener, parsed as far as needed and printed.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::position::ListenerMessage;

/// The keys that are read. An event's payload is not parsed.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    seq: Option<u64>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hello {
    epoch: String,
    seq: u64,
    heartbeat_ms: u64,
}

#[derive(Deserialize)]
struct Gap {
    from: u64,
    to: u64,
    reason: String,
}

#[derive(Deserialize)]
struct Resumed {
    to: u64,
}

/// Parses a message. What cannot be parsed is shown to the user: an application may send any text.
pub(crate) fn parse(text: &str) -> ListenerMessage {
    let other = ListenerMessage::Event { seq: None };
    let Ok(message) = serde_json::from_str::<Message<'_>>(text) else {
        return other;
    };
    let data = message.data.map(RawValue::get).unwrap_or_default();
    match (&*message.kind, message.seq) {
        // An event has a number; of these types only the listener's own messages have none.
        (_, Some(seq)) => ListenerMessage::Event { seq: Some(seq) },
        ("hello", None) => {
            serde_json::from_str(data).map_or(other, |hello: Hello| ListenerMessage::Hello {
                epoch: hello.epoch,
                seq: hello.seq,
                heartbeat_ms: hello.heartbeat_ms,
            })
        }
        ("gap", None) => {
            serde_json::from_str(data).map_or(other, |gap: Gap| ListenerMessage::Gap {
                from: gap.from,
                to: gap.to,
                reason: gap.reason,
            })
        }
        ("resumed", None) => serde_json::from_str(data).map_or(other, |resumed: Resumed| {
            ListenerMessage::Resumed { to: resumed.to }
        }),
        ("ping" | "pong" | "active" | "standby", None) => ListenerMessage::Control,
        _ => other,
    }
}

/// Writes a message as one line. In JSON a line break stands only between two tokens, where a space means the same.
pub(crate) fn write(line: &mut Vec<u8>, text: &str) {
    let start = line.len();
    line.extend_from_slice(text.as_bytes());
    for byte in &mut line[start..] {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    line.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_the_stream_are_told_from_events() {
        assert_eq!(
            parse(
                r#"{"type":"hello","data":{"connectionId":"c","epoch":"e","seq":3,"active":true,"heartbeatMs":9},"timestamp":"t"}"#
            ),
            ListenerMessage::Hello {
                epoch: "e".to_owned(),
                seq: 3,
                heartbeat_ms: 9
            }
        );
        assert_eq!(
            parse(r#"{"type":"gap","data":{"from":1,"to":2,"reason":"overflow"}}"#),
            ListenerMessage::Gap {
                from: 1,
                to: 2,
                reason: "overflow".to_owned()
            }
        );
        assert_eq!(
            parse(r#"{"type":"resumed","data":{"from":1,"to":2}}"#),
            ListenerMessage::Resumed { to: 2 }
        );
        for control in ["ping", "pong", "active", "standby"] {
            assert_eq!(
                parse(&format!(r#"{{"type":"{control}"}}"#)),
                ListenerMessage::Control
            );
        }
        for (text, seq) in [
            (
                r#"{"type":"portStateUpdate","payload":"60000","seq":7}"#,
                Some(7),
            ),
            (
                r#"{"type":"a\u0062","data":{"deep":[{}]},"timestamp":"t","seq":8}"#,
                Some(8),
            ),
            (r#"{"type":"hello","data":{"mine":1},"seq":9}"#, Some(9)),
            (r#"{"type":"error","data":{"code":"BAD_MESSAGE"}}"#, None),
            (r#"{"type":"hello","data":7}"#, None),
            (r#"{"type":7}"#, None),
            ("[1]", None),
            ("plain text", None),
        ] {
            assert_eq!(parse(text), ListenerMessage::Event { seq }, "{text}");
        }
    }

    #[test]
    fn a_message_is_one_line_whatever_is_in_it() {
        let mut line = Vec::new();
        write(&mut line, "{\r\n\"a\":\n\"\\n\"}");
        write(&mut line, "b");
        assert_eq!(line, b"{  \"a\": \"\\n\"}\nb\n");
    }
}
