//! What is saved of a port, and the format of the file.

use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the format. It is raised only when an older Loopwire would misread a file: new keys alone do not
/// raise it.
const VERSION: u64 = 1;

/// What is saved of one forwarded port. Unknown keys of a newer version are ignored, missing ones have defaults.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// The local port.
    pub(crate) port: u16,
    /// The id of its proxy.
    #[serde(default)]
    pub(crate) proxy_id: String,
    /// As given to `createWithId`.
    #[serde(default)]
    pub(crate) plan: String,
    /// As given to `createWithId`.
    #[serde(default)]
    pub(crate) action_type: String,
    /// The filter that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<Value>,
    /// The upstream if it was given inline, password included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<Value>,
    /// The port's own options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<Value>,
}

impl fmt::Debug for Saved {
    /// Shows nothing that may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saved")
            .field("port", &self.port)
            .field("proxy_id", &self.proxy_id)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u64,
    ports: Vec<&'a Saved>,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
struct Entries {
    /// Parsed one by one, so that an invalid entry does not affect the others.
    ports: Vec<Value>,
}

/// The content of a file.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// The ports, and how many more entries could not be read.
    Ports(Vec<Saved>, usize),
    /// A newer format.
    Newer(u64),
    /// Invalid data. The text is the position of the error and quotes nothing: a password may stand there.
    Damaged(String),
}

pub(super) fn encode<'a>(ports: impl Iterator<Item = &'a Saved>) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Document {
        version: VERSION,
        ports: ports.collect(),
    })
}

pub(super) fn decode(bytes: &[u8]) -> Content {
    // Read the version first: nothing else is known of a newer format.
    let entries = match serde_json::from_slice(bytes) {
        Ok(Version { version }) if version > VERSION => return Content::Newer(version),
        Ok(_) => serde_json::from_slice::<Entries>(bytes),
        Err(error) => Err(error),
    };
    let entries = match entries {
        Ok(entries) => entries.ports,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            return Content::Damaged(format!("line {line}, column {column}"));
        }
    };
    let all = entries.len();
    let ports: Vec<_> = entries.into_iter().filter_map(entry).collect();
    let bad = all - ports.len();
    Content::Ports(ports, bad)
}

fn entry(value: Value) -> Option<Saved> {
    let saved: Saved = serde_json::from_value(value).ok()?;
    NonZeroU16::new(saved.port).map(|_| saved)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_ignored_and_missing_ones_have_defaults() {
        let text = r#"{"version":1,"later":[],"ports":[{"port":60001,"later":{"a":1}}]}"#;
        let Content::Ports(ports, 0) = decode(text.as_bytes()) else {
            panic!("not read");
        };
        assert_eq!((ports[0].port, ports[0].proxy_id.as_str()), (60001, ""));
        assert_eq!((&ports[0].filter, &ports[0].upstream), (&None, &None));
        let again = encode(ports.iter()).unwrap();
        assert_eq!(decode(&again), Content::Ports(ports, 0));
    }

    #[test]
    fn a_bad_entry_does_not_affect_the_others() {
        let text = r#"{"version":1,"ports":[{"port":0},{"port":"x"},7,{"port":5,"proxy_id":"p"}]}"#;
        let Content::Ports(ports, bad) = decode(text.as_bytes()) else {
            panic!("not read");
        };
        assert_eq!((ports.len(), ports[0].port, bad), (1, 5, 3));
    }

    #[test]
    fn a_newer_format_is_distinguished_from_a_damaged_file() {
        assert_eq!(decode(br#"{"version":2,"ports":"?"}"#), Content::Newer(2));
        for damaged in [
            "",
            "{",
            "[]",
            "{\"version\":1}",
            "{\"version\":1,\"ports\":[",
        ] {
            assert!(matches!(decode(damaged.as_bytes()), Content::Damaged(_)));
        }
    }

    #[test]
    fn neither_debug_nor_the_damage_report_shows_a_secret() {
        let text = r#"{"version":1,"ports":[{"port":1,"upstream":{"password":"secret"}}]}"#;
        let Content::Ports(ports, 0) = decode(text.as_bytes()) else {
            panic!("not read");
        };
        assert!(!format!("{ports:?}").contains("secret"));
        let Content::Damaged(position) = decode(br#"{"version":"secret"}"#) else {
            panic!("read");
        };
        assert!(!position.contains("secret"), "{position}");
    }
}
