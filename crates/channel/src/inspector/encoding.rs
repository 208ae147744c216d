//! Which encodings of a body a client takes.

use http::{HeaderMap, header};

/// Whether a client takes gzip (RFC 9110, section 12.5.3). A client that says nothing gets the plain body: curl and scripts
/// send no such header, and do not decompress.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut any) = (None, None);
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter();
    for entry in lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
    {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        let name = name.trim();
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            gzip = Some(is_wanted(weight));
        } else if name == "*" {
            any = Some(is_wanted(weight));
        }
    }
    gzip.or(any).unwrap_or(false)
}

/// A weight is a number from 0 to 1, and 0 means that the client does not take it.
fn is_wanted(weight: &str) -> bool {
    let weight = weight.trim();
    let value = weight.strip_prefix("q=").or(weight.strip_prefix("Q="));
    value
        .and_then(|value| value.trim().parse::<f32>().ok())
        .is_some_and(|value| value > 0.0 && value <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn gzip_is_taken_only_if_the_client_says_so() {
        for (list, expected) in [
            ("gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP ; q=0.5", true),
            ("x-gzip", true),
            ("*", true),
            ("identity;q=0.5, *;q=0.1", true),
            ("", false),
            ("identity", false),
            ("br, zstd", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("*;q=0", false),
            ("gzip;q=0, *", false),
            ("gzip;q=nonsense", false),
            ("gzip;q=nan, *;q=inf", false),
            ("gzip;q=1.001", false),
            ("gzip;level=9", false),
            ("gzipped", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(list));
            assert_eq!(takes_gzip(&headers), expected, "{list:?}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn several_headers_are_one_list() {
        let mut headers = HeaderMap::new();
        for list in ["br", "gzip"] {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(list));
        }
        assert!(takes_gzip(&headers));
    }
}
