//! Names in the language of `git fast-import`.

/// A path in quotes. Only three bytes need a backslash; all others stand for themselves, whether they are UTF-8 or not.
pub(super) fn quote(into: &mut Vec<u8>, parts: &[&[u8]]) {
    into.push(b'"');
    for byte in parts.iter().flat_map(|part| part.iter()) {
        match byte {
            b'"' => into.extend_from_slice(b"\\\""),
            b'\\' => into.extend_from_slice(b"\\\\"),
            b'\n' => into.extend_from_slice(b"\\n"),
            byte => into.push(*byte),
        }
    }
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_quoted() {
        let mut quoted = Vec::new();
        quote(&mut quoted, &[b"files", b"/", b" a\"b\\c\nd\te\xff"]);
        assert_eq!(quoted, b"\"files/ a\\\"b\\\\c\\nd\te\xff\"");
    }
}
