//! What the beginning of a JSON message says about its type.

/// The type of a message of which only the beginning is there: the text behind the key `type` of the outermost object,
/// as far as it has come. `None` if the key has not come yet.
///
/// A key or a text of that kind deeper inside, or behind another key, is not it: the application would get that message.
pub(super) fn type_of(begin: &[u8]) -> Option<&[u8]> {
    let (mut depth, mut at) = (0_usize, 0);
    let (mut last, mut key): (&[u8], Option<&[u8]>) = (b"", None);
    while let Some(byte) = begin.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let text = string(&begin[at..]);
                if depth == 1 && key == Some(b"type") {
                    return Some(text);
                }
                last = text;
                at += text.len() + 1;
            }
            b':' if depth == 1 => key = Some(last),
            b',' if depth == 1 => key = None,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The same for the message in an envelope of which the beginning is there: the envelope's other keys are numbers.
pub(super) fn type_inside(begin: &[u8]) -> Option<&[u8]> {
    let key = br#""message":"#;
    let at = begin.windows(key.len()).position(|part| part == key)?;
    type_of(&begin[at + key.len()..])
}

/// The bytes up to the quote that ends a string, or all if it is not there yet.
fn string(bytes: &[u8]) -> &[u8] {
    let mut escaped = false;
    let end = bytes.iter().position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => *byte == b'"',
    });
    &bytes[..end.unwrap_or(bytes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_an_enveloped_message_is_found() {
        for (begin, expected) in [
            (
                r#"{"type":"reliable","data":{"n":7,"message":{"type":"mine:x","#,
                Some("mine:x"),
            ),
            (
                r#"{"type":"reliable","data":{"n":7,"message":"mine:x"#,
                None,
            ),
            (r#"{"type":"reliable","data":{"n":7,"mess"#, None),
        ] {
            let found =
                type_inside(begin.as_bytes()).map(|found| str::from_utf8(found).unwrap_or("?"));
            assert_eq!(found, expected, "{begin}");
        }
    }

    #[test]
    fn the_type_is_found_where_it_is_the_type() {
        for (begin, expected) in [
            (r#"{"type":"mine:x","data":{"#, Some("mine:x")),
            (r#" { "id" : 7 , "type" : "mine:"#, Some("mine:")),
            (
                r#"{"data":{"a":[1,{"type":"no"}]},"type":"yes"}"#,
                Some("yes"),
            ),
            (r#"{"a\"type":"no","b":"\\","type":"yes"#, Some("yes")),
            (r#"{"type":7,"x":"mine:"}"#, None),
            (r#"{"x":"mine:","#, None),
            (r#"{"x":{"type":"mine:x"},"#, None),
            (r#"{"type":["mine:x"],"#, None),
            (r#"{"x":"\"type\":\"mine:x\"","#, None),
            (r#"{"type":"#, None),
            (r#"{"type"#, None),
            (r#""type":"mine:""#, None),
            ("}}]]{", None),
            ("", None),
        ] {
            let found = type_of(begin.as_bytes()).map(|found| str::from_utf8(found).unwrap_or("?"));
            assert_eq!(found, expected, "{begin}");
        }
    }
}
