//! The provider that is a JSON file: a list of upstreams, read anew for each look-up.
//!
//! Reading it each time is what makes an edited list take effect at once, on every file system, without a
//! watcher. A look-up happens once per request, never per connection.

use std::path::{Path, PathBuf};

use crate::detail::Detail;
use crate::error::ForwardError;
use crate::upstream::{Entry, Upstream};

/// The largest list: a hundred thousand entries, and a bound on what a wrong path can read into memory.
const MAX_LIST_BYTES: u64 = 32 << 20;

/// A list of upstreams in a file.
#[derive(Clone, Debug)]
pub(crate) struct List {
    url: String,
    path: PathBuf,
}

impl List {
    /// The list behind a `file:///` URL. It need not exist yet.
    pub(crate) fn new(url: &str) -> Result<Self, ForwardError> {
        let scheme = url.split(':').next().unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("file") {
            return Err(ForwardError::ProviderScheme {
                // Only the scheme: what follows may hold a key.
                scheme: scheme.chars().take(16).collect(),
            });
        }
        let rest = &url[scheme.len()..];
        let path = rest
            .strip_prefix("://localhost/")
            .or_else(|| rest.strip_prefix(":///"))
            .and_then(percent_decode)
            .ok_or(ForwardError::ProviderUrl)?;
        // `file:///C:/list.json` names a drive; elsewhere the path begins at the root.
        let path = if cfg!(windows) {
            path
        } else {
            format!("/{path}")
        };
        Ok(Self {
            url: url.to_owned(),
            path: PathBuf::from(path),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The upstream of that id.
    pub(crate) async fn find(&self, id: &str) -> Result<Upstream, Detail> {
        let (path, id) = (self.path.clone(), id.to_owned());
        tokio::task::spawn_blocking(move || find(&path, &id))
            .await
            .unwrap_or(Err(Detail::Unknown))
    }
}

fn find(path: &Path, id: &str) -> Result<Upstream, Detail> {
    let unreadable = |_| Detail::ProviderUnreadable;
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_LIST_BYTES {
        return Err(Detail::ProviderUnreadable);
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    // Entries are looked at one by one, so that a bad one spoils no other.
    let entries: Vec<serde_json::Value> =
        serde_json::from_slice(&bytes).map_err(|_| Detail::ProviderUnreadable)?;
    let entry = entries
        .into_iter()
        .find(|entry| entry.get("id").and_then(|value| value.as_str()) == Some(id))
        .ok_or(Detail::UnknownProxy)?;
    serde_json::from_value::<Entry>(entry)
        .map_err(|_| Detail::ProxyInvalid)?
        .try_into()
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let path = |url| List::new(url).map(|list| list.path);
        #[cfg(unix)]
        assert_eq!(
            path("file:///tmp/a%20b.json").unwrap(),
            PathBuf::from("/tmp/a b.json")
        );
        assert_eq!(
            path("file://host/x").unwrap_err().code(),
            "ERR_PROVIDER_URL"
        );
        assert_eq!(path("file:///%zz").unwrap_err().code(), "ERR_PROVIDER_URL");
        let error = path("https://user:secret@api.example/").unwrap_err();
        assert_eq!(error.code(), "ERR_PROVIDER_SCHEME");
        assert!(!error.to_string().contains("secret"));
    }
}
