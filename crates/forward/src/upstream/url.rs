//! An upstream as the caller of `forward` gives it: a URL, or an object like a list's entry.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::entry::Entry;
use super::protocol::Protocol;
use super::proxy::Upstream;
use crate::model::{Flaw, Target};

/// The keys of an entry whose values are text.
const TEXTS: [&str; 12] = [
    "id",
    "protocol",
    "host",
    "username",
    "password",
    "ca",
    "country_code",
    "state",
    "city",
    "zip",
    "isp",
    "public_ip",
];

impl Upstream {
    /// From a URL or an object.
    pub(crate) fn given(given: &Value) -> Result<Self, Flaw> {
        match given {
            Value::String(url) => Self::from_url(url),
            object => Self::inline(object.clone()),
        }
    }

    /// From `scheme://[user[:password]@]host[:port]`, user and password percent-encoded, or `direct:`. Its id is
    /// the URL without them.
    pub(super) fn from_url(url: &str) -> Result<Self, Flaw> {
        let (scheme, rest) = url.split_once(':').ok_or(Flaw::Shape)?;
        let (protocol, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Protocol::Http, 80),
            "https" => (Protocol::Https, 443),
            // With or without the `h`: the upstream resolves names in both cases.
            "socks5" | "socks5h" => (Protocol::Socks5, 1080),
            "direct" if rest.trim_matches('/').is_empty() => {
                return Entry::at(Protocol::Direct, None).check();
            }
            "direct" => return Err(Flaw::Rest),
            _ => return Err(Flaw::Protocol),
        };
        let rest = rest.strip_prefix("//").ok_or(Flaw::Shape)?;
        // Split at the last @, so that an unencoded @ in a password works too.
        let (user, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, rest),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#']) {
            return Err(Flaw::Rest);
        }
        let address = Target::parse(authority, Some(default_port)).ok_or_else(|| {
            // Find out whether the host or the port is invalid.
            let host = authority
                .rsplit_once(':')
                .map_or(authority, |(host, _)| host);
            match Target::parse(host, Some(default_port)) {
                Some(_) => Flaw::Port,
                None => Flaw::Host,
            }
        })?;
        let mut entry = Entry::at(protocol, Some(address));
        if let Some(user) = user {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            entry = entry.with(decoded(name)?, decoded(password)?);
        }
        entry.check()
    }

    /// From an object with the keys of a list's entry. Without an `id`, its URL becomes the id.
    pub(crate) fn inline(object: Value) -> Result<Self, Flaw> {
        let keys = object.as_object().ok_or(Flaw::Shape)?;
        for key in TEXTS {
            if keys
                .get(key)
                .is_some_and(|value| !value.is_string() && !value.is_null())
            {
                return Err(Flaw::NotText(key));
            }
        }
        let direct = keys.get("protocol").and_then(Value::as_str) == Some("direct");
        let port = keys.get("port").unwrap_or(&Value::Null);
        let fits = port
            .as_u64()
            .is_some_and(|port| (1..=65535).contains(&port));
        if !(fits || direct && port.is_null()) {
            return Err(Flaw::Port);
        }
        // `null` is the same as a missing key.
        let given = keys.iter().filter(|(_, value)| !value.is_null());
        let given = given
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        serde_json::from_value::<Entry>(Value::Object(given))
            // Only one cause is left: the protocol is missing.
            .map_err(|_| Flaw::Protocol)?
            .check()
    }
}

fn decoded(text: &str) -> Result<String, Flaw> {
    // A % without two hex digits is an error here, although the URL standard allows it: probably a password was not
    // encoded.
    let broken = text.split('%').skip(1).any(|rest| {
        !rest
            .as_bytes()
            .get(..2)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(Flaw::Encoding);
    }
    let decoded = percent_decode_str(text).decode_utf8();
    Ok(decoded.map_err(|_| Flaw::Encoding)?.into_owned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(upstream: &Upstream) -> Option<(&str, &str)> {
        let credentials = upstream.credentials.as_ref()?;
        Some((&credentials.username, &credentials.password))
    }

    #[test]
    fn urls_are_parsed() {
        for (url, id, credentials) in [
            ("http://proxy.example", "http://proxy.example:80", None),
            ("HTTPS://proxy.example/", "https://proxy.example:443", None),
            ("socks5://[::1]", "socks5://[::1]:1080", None),
            ("socks5h://10.0.0.1:9", "socks5://10.0.0.1:9", None),
            ("direct:", "direct", None),
            ("direct://", "direct", None),
            (
                "socks5://user:p%40ss@host:1080",
                "socks5://host:1080",
                Some(("user", "p@ss")),
            ),
            (
                "http://us%20er:a:b%3A%25%2F@h:1/",
                "http://h:1",
                Some(("us er", "a:b:%/")),
            ),
            ("http://%C3%BC:pä@ss@h", "http://h:80", Some(("ü", "pä@ss"))),
            ("http://user@h", "http://h:80", Some(("user", ""))),
            ("http://:p@h", "http://h:80", Some(("", "p"))),
            ("socks5://a%3Ab:c@h", "socks5://h:1080", Some(("a:b", "c"))),
        ] {
            let upstream = Upstream::from_url(url).unwrap();
            assert_eq!(
                (upstream.id.as_str(), user(&upstream)),
                (id, credentials),
                "{url}"
            );
        }
    }

    #[test]
    fn invalid_urls_are_rejected() {
        for (url, flaw) in [
            ("", Flaw::Shape),
            ("proxy.example", Flaw::Shape),
            ("http:proxy.example", Flaw::Shape),
            ("proxy.example:8080", Flaw::Protocol),
            ("socks4://s3cret:s3cret@h", Flaw::Protocol),
            ("http://s3cret:s3cret@h/path", Flaw::Rest),
            ("http://s3cret@h?x", Flaw::Rest),
            ("direct://h", Flaw::Rest),
            ("http://s3cret:s3cret@", Flaw::Host),
            ("http://a b", Flaw::Host),
            ("http://::1:80", Flaw::Host),
            ("http://h:0", Flaw::Port),
            ("http://h:70000", Flaw::Port),
            ("http://s3cret:%zz@h", Flaw::Encoding),
            ("http://s3cret:100%@h", Flaw::Encoding),
            ("http://s3cret:%ff@h", Flaw::Encoding),
            ("http://s3cret%3Ax:p@h", Flaw::Colon),
            ("socks5://s3cret@h", Flaw::Length),
        ] {
            let found = Upstream::from_url(url).unwrap_err();
            assert_eq!(found, flaw, "{url}");
            assert!(!found.to_string().contains("s3cret"), "{found}");
        }
        let long = format!("socks5://{}:p@h", "x".repeat(256));
        assert_eq!(Upstream::from_url(&long).unwrap_err(), Flaw::Length);
    }

    #[test]
    fn objects_are_parsed() {
        let upstream = Upstream::inline(json!({
            "protocol": "http", "host": "h", "port": 1, "username": "u", "password": "p:%@ ü", "id": null,
            "country_code": "de",
        }))
        .unwrap();
        assert_eq!(upstream.id, "http://h:1");
        assert_eq!(user(&upstream), Some(("u", "p:%@ ü")));
        assert_eq!(upstream.location.country_code, "de");
        let named = Upstream::inline(json!({"id": "mine", "protocol": "direct"})).unwrap();
        assert_eq!(named.id, "mine");
    }

    #[test]
    fn invalid_objects_are_rejected() {
        for (object, flaw) in [
            (json!("s3cret"), Flaw::Shape),
            (
                json!({"protocol": "http", "host": "h", "port": 1, "password": 53}),
                Flaw::NotText("password"),
            ),
            (json!({"host": "h", "port": 1}), Flaw::Protocol),
            (
                json!({"protocol": "gopher", "host": "h", "port": 1}),
                Flaw::Protocol,
            ),
            (json!({"protocol": "http", "port": 1}), Flaw::Host),
            (json!({"protocol": "http", "host": "h"}), Flaw::Port),
            (
                json!({"protocol": "http", "host": "h", "port": 65536}),
                Flaw::Port,
            ),
            (
                json!({"protocol": "http", "host": "h", "port": "1"}),
                Flaw::Port,
            ),
            (
                json!({"protocol": "http", "host": "h", "port": 1, "username": "s3cret:"}),
                Flaw::Colon,
            ),
            (
                json!({"protocol": "https", "host": "h", "port": 1, "ca": "s3cret"}),
                Flaw::Ca,
            ),
        ] {
            let found = Upstream::inline(object).unwrap_err();
            assert_eq!(found, flaw);
            assert!(!found.to_string().contains("s3cret"), "{found}");
        }
    }
}
