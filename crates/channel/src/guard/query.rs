//! The query of a URL, decoded once.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The pairs of a query in their order. A key without `=` has an empty value. A plus sign is not decoded: no value has
/// a space, and a token with a plus sign must be wrong rather than become another token.
pub(super) fn pairs(query: Option<&str>) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
}

/// Whether a query has the key of a token, with whatever value.
pub(crate) fn has_token(query: Option<&str>) -> bool {
    pairs(query).any(|(key, _)| *key == *b"token")
}

/// Percent-decodes a path segment or a part of a query, exactly once.
pub(super) fn decode(text: &str) -> Cow<'_, [u8]> {
    percent_decode_str(text).into()
}
