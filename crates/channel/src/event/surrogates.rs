//! Lone surrogates in JSON: `"\ud83d"` is JSON (RFC 8259 section 8.2), and JavaScript writes it for half of an emoji. No
//! text of ours can hold it. It becomes U+FFFD, as in everything that JavaScript gives to the system.

use serde::de::DeserializeOwned;

/// Where the hexadecimal digits of an escape are, behind its backslash and its `u`.
const DIGITS: std::ops::Range<usize> = 2..6;

/// Like [`serde_json::from_str`], with U+FFFD for lone surrogates. Only what cannot be read is looked at again, so that
/// other JSON costs nothing.
///
/// # Errors
/// The text is no JSON, or not that of a `T`.
pub fn read<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str(json).or_else(|error| {
        let replaced = error.is_syntax().then(|| replace_lone(json)).flatten();
        replaced.map_or(Err(error), |json| serde_json::from_str(&json))
    })
}

/// The same JSON with U+FFFD for lone surrogates; `None` if it has none, or is nothing like an object.
pub(crate) fn replace_lone(json: &str) -> Option<String> {
    if !json.trim_ascii_start().starts_with('{') {
        return None;
    }
    let bytes = json.as_bytes();
    let (mut at, mut lone) = (0, Vec::new());
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        at += match unit(&bytes[at..]) {
            Some(0xd800..=0xdbff) if is_low(&bytes[at + DIGITS.end..]) => 2 * DIGITS.end,
            Some(0xd800..=0xdfff) => {
                lone.push(at);
                DIGITS.end
            }
            // A backslash, and what it escapes. A text that ends with it is no JSON.
            _ => 2.min(bytes.len() - at),
        };
    }
    if lone.is_empty() {
        return None;
    }
    let mut replaced = json.to_owned();
    for at in lone {
        replaced.replace_range(at + DIGITS.start..at + DIGITS.end, "fffd");
    }
    Some(replaced)
}

fn is_low(escape: &[u8]) -> bool {
    matches!(unit(escape), Some(0xdc00..=0xdfff))
}

/// The UTF-16 unit that an escape stands for, if it is one of `\uXXXX`.
fn unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_are_kept() {
        for (json, expected) in [
            (r#"{"a":"\ud83d"}"#, "\u{fffd}"),
            (r#"{"a":"\uD83D"}"#, "\u{fffd}"),
            (r#"{"a":"\ude00"}"#, "\u{fffd}"),
            (r#"{"a":"\ude00\ud83d"}"#, "\u{fffd}\u{fffd}"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
            (r#"{"a":"\ud83d\ude00\ude00"}"#, "😀\u{fffd}"),
            (r#"{"a":"\ud83d\n\ude00"}"#, "\u{fffd}\n\u{fffd}"),
            (r#"{"a":"\ud83dx"}"#, "\u{fffd}x"),
            (r#"{"a":"\\\ud83d"}"#, "\\\u{fffd}"),
            (r#"{"a":"\\ud83d\ud83d"}"#, "\\ud83d\u{fffd}"),
            (r#"{"a":"é\ud83d漢"}"#, "é\u{fffd}漢"),
            (r#" {"a":"\ud83d\u0041"}"#, "\u{fffd}A"),
        ] {
            assert_eq!(
                read::<Value>(json).expect(json),
                json!({"a": expected}),
                "{json}"
            );
        }
    }

    #[test]
    fn keys_are_replaced_too_and_what_looks_like_an_escape_is_left() {
        let read: Value = read(r#"{"\udfff":"\\ud83d","x":["\ud800"]}"#).expect("JSON");
        assert_eq!(read, json!({"\u{fffd}": "\\ud83d", "x": ["\u{fffd}"]}));
    }

    #[test]
    fn what_is_no_json_stays_so() {
        for json in [
            "",
            "{",
            r#"{"a":"\u"#,
            r#"{"a":"\ud8"#,
            r#"{"a":"\ud83d"#,
            r#"{"a":"\ud83d\"#,
            r#"{"a":"\uzzzz"}"#,
            r#"{"a":"\ud83d"} x"#,
        ] {
            assert!(read::<Value>(json).is_err(), "{json}");
        }
    }
}
