//! An inbound message: a command for an engine, a message of the heartbeat, or one for the application.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::event::json;

/// How deep the data of a command may be nested. No command needs more than four levels.
const MAX_DEPTH: usize = 32;

/// A parsed text message.
#[derive(Debug, PartialEq)]
pub(crate) enum InboundMessage<E> {
    /// `{"type":"ping"}`: answer it.
    Ping,
    /// `{"type":"pong"}`.
    Pong,
    /// A command and its engine; `data` is JSON text.
    Command {
        engine: E,
        name: String,
        id: Option<Value>,
        data: String,
    },
    /// A command that is refused, with the code and the message of the reply.
    Refused {
        code: &'static str,
        message: &'static str,
        id: Option<Value>,
        command: String,
    },
    /// A message with a number, which has its effect once: the text that the client would send without one.
    Numbered { n: u64, text: String },
    /// Any other message.
    Other,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// The type of the envelope of a numbered message.
pub(super) const RELIABLE: &str = "reliable";

#[derive(Deserialize)]
struct Numbered<'a> {
    n: u64,
    #[serde(borrow)]
    message: &'a RawValue,
}

#[derive(Deserialize)]
struct Text {
    message: String,
}

#[derive(Deserialize)]
struct Named {
    id: Option<Value>,
}

/// Reads a text message. `find` returns the engine for commands with a name, if there is one. `numbers`: the client numbers
/// its messages.
pub(super) fn read<E>(
    text: &str,
    numbers: bool,
    find: impl FnOnce(&str) -> Option<E>,
) -> InboundMessage<E> {
    // The data is kept raw: its depth is checked before anything recursive parses it.
    let replaced;
    let envelope: Envelope<'_> = match serde_json::from_str(text) {
        Ok(envelope) => envelope,
        Err(error) if !error.is_syntax() => return InboundMessage::Other,
        Err(_) => {
            // In the type, or in a key beside it. The data is not looked into here.
            replaced = json::replace_lone(text).unwrap_or_default();
            match serde_json::from_str(&replaced) {
                Ok(envelope) => envelope,
                Err(_) => return InboundMessage::Other,
            }
        }
    };
    let kind = envelope.r#type.as_ref();
    match kind {
        "ping" => return InboundMessage::Ping,
        "pong" => return InboundMessage::Pong,
        RELIABLE if numbers => return numbered(envelope.data.map_or("null", RawValue::get)),
        _ => {}
    }
    let Some(engine) = find(kind) else {
        return InboundMessage::Other;
    };
    let data = envelope.data.map_or("null", RawValue::get);
    if depth(data) > MAX_DEPTH {
        return InboundMessage::Refused {
            code: "BAD_MESSAGE",
            message: "the data is nested more than 32 levels deep",
            id: None,
            command: kind.to_owned(),
        };
    }
    // In an array the first item would be taken for the id.
    let named = data.starts_with('{').then(|| json::read(data));
    let id = named.and_then(|named: Result<Named, _>| named.ok()?.id);
    let id = id.filter(|id| id.is_number() || id.as_str().is_some_and(|id| id.len() <= 256));
    InboundMessage::Command {
        engine,
        name: kind.to_owned(),
        id,
        data: data.to_owned(),
    }
}

/// Reads the data of an envelope.
fn numbered<E>(data: &str) -> InboundMessage<E> {
    let read = serde_json::from_str(data)
        .ok()
        .filter(|_| data.starts_with('{'));
    let text = read.and_then(|Numbered { n, message }: Numbered<'_>| {
        let text = match message.get() {
            // All of the data is read again: lone surrogates are replaced in objects only.
            string if string.starts_with('"') => {
                json::read(data).map(|Text { message }| message).ok()?
            }
            other => other.to_owned(),
        };
        (n > 0).then_some((n, text))
    });
    match text {
        Some((n, text)) => InboundMessage::Numbered { n, text },
        None => InboundMessage::Refused {
            code: "BAD_MESSAGE",
            message: r#"the data must be {"n": a number from 1, "message": the message}"#,
            id: None,
            command: RELIABLE.to_owned(),
        },
    }
}

/// How deep arrays and objects are nested in valid JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        match read(text, false, |name| name.starts_with("mine:").then_some(())) {
            InboundMessage::Command { .. } => "command",
            InboundMessage::Ping => "ping",
            InboundMessage::Pong => "pong",
            InboundMessage::Refused { code, .. } => code,
            InboundMessage::Numbered { .. } => "numbered",
            InboundMessage::Other => "other",
        }
    }

    #[test]
    fn the_prefix_decides_who_gets_a_message() {
        for (text, expected) in [
            (r#"{"type":"ping"}"#, "ping"),
            (r#"{"type":"pong","x":1}"#, "pong"),
            (r#"{"type":"mine:anything"}"#, "command"),
            (r#"{"type":"mine"}"#, "other"),
            (r#"{"type":"yours:anything"}"#, "other"),
            (r#"{"type":7}"#, "other"),
            (r#"{"type":"ping","type":"pong"}"#, "other"),
            ("not JSON", "other"),
            ("", "other"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn an_id_is_echoed_and_a_poisoned_prototype_is_just_a_key() {
        let text = r#"{"type":"mine:x","data":{"__proto__":{"id":"no"},"id":"mine"}}"#;
        let InboundMessage::Command { id, .. } = read(text, false, |_| Some(())) else {
            panic!("not a command")
        };
        assert_eq!(id, Some(Value::from("mine")));
    }

    #[test]
    fn the_data_of_a_command_is_passed_on_unchanged() {
        for (data, id) in [
            (r#"{ "id" : 7, "deep":[1, {"x":null}] }"#, Some(7)),
            (r#"{"id":{"no":1}}"#, None),
            ("[7]", None),
            ("null", None),
        ] {
            let text = format!(r#"{{"type":"mine:x","data": {data} }}"#);
            let expected = InboundMessage::Command {
                engine: (),
                name: "mine:x".to_owned(),
                id: id.map(Value::from),
                data: data.to_owned(),
            };
            assert_eq!(read(&text, false, |_| Some(())), expected);
        }
    }

    #[test]
    fn an_envelope_holds_what_the_client_would_send_without_it() {
        let read = |data: &str| {
            let text = format!(r#"{{"type":"reliable","data":{data}}}"#);
            match read(&text, true, |_| Some(())) {
                InboundMessage::Numbered { n, text } => Ok((n, text)),
                InboundMessage::Refused { code, command, .. } => Err((code, command)),
                other => panic!("{other:?}"),
            }
        };
        for (data, n, text) in [
            (
                r#"{"n":1,"message":{ "type" : "x" }}"#,
                1,
                r#"{ "type" : "x" }"#,
            ),
            (
                r#"{"message":"a\n\"b\"","n":9007199254740991}"#,
                (1 << 53) - 1,
                "a\n\"b\"",
            ),
            (r#"{"n":2,"message":"\ud83d"}"#, 2, "\u{fffd}"),
            (
                r#"{"n":2,"message":{"a":"\ud83d"}}"#,
                2,
                r#"{"a":"\ud83d"}"#,
            ),
            (r#"{"n":2,"message":[1]}"#, 2, "[1]"),
            (r#"{"n":2,"message":null,"more":1}"#, 2, "null"),
        ] {
            assert_eq!(read(data), Ok((n, text.to_owned())), "{data}");
        }
        for data in [
            r#"{"n":0,"message":"x"}"#,
            r#"{"n":-1,"message":"x"}"#,
            r#"{"n":1.5,"message":"x"}"#,
            r#"{"n":"1","message":"x"}"#,
            r#"{"n":1}"#,
            r#"{"message":"x"}"#,
            r#"[1,"x"]"#,
            "null",
        ] {
            assert_eq!(
                read(data),
                Err(("BAD_MESSAGE", "reliable".to_owned())),
                "{data}"
            );
        }
        assert_eq!(
            code(r#"{"type":"reliable","data":{"n":1,"message":"x"}}"#),
            "other"
        );
    }

    #[test]
    fn ten_thousand_levels_are_refused_without_recursion() {
        let deep = format!(
            r#"{{"type":"mine:x","data":{}{}}}"#,
            "[".repeat(10_000),
            "]".repeat(10_000)
        );
        assert_eq!(code(&deep), "BAD_MESSAGE");
        let quoted = format!(r#"{{"type":"mine:x","data":"{}\""}}"#, "[".repeat(10_000));
        assert_eq!(code(&quoted), "command");
    }
}
