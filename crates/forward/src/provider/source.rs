//! A provider: a list in a file or an API, selected by the scheme of its URL.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::account::Account;
use super::filter::Filter;
use super::{file, http};
use crate::model::{Detail, ForwardError, Refusal};
use crate::upstream::Upstream;

/// How much of a scheme an error shows: the text may hold a key, and a URL without a colon is all scheme.
const SHOWN_SCHEME: usize = 16;

/// A provider of upstreams. A clone is the same provider, but notices edits separately.
#[derive(Clone, Debug)]
pub(crate) struct Provider(Backend);

#[derive(Clone, Debug)]
enum Backend {
    File(file::List),
    Http(http::Api),
}

impl Provider {
    /// The provider behind a `file:///`, `http://` or `https://` URL. It need not be there yet.
    pub(crate) fn new(url: &str, account: Arc<Account>) -> Result<Self, ForwardError> {
        let scheme = url.split(':').next().unwrap_or_default();
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "file" => Backend::File(file::List::new(url)?),
            "http" | "https" => Backend::Http(http::Api::new(url, account)?),
            _ => {
                let scheme = scheme.chars().take(SHOWN_SCHEME).collect();
                return Err(ForwardError::ProviderScheme { scheme });
            }
        };
        Ok(Self(kind))
    }

    /// The URL as it was set.
    pub(crate) fn url(&self) -> &str {
        match &self.0 {
            Backend::File(list) => list.url(),
            Backend::Http(api) => api.url(),
        }
    }

    /// The proxy of that id.
    pub(crate) async fn find(
        &self,
        id: &str,
        plan: &str,
        action: &str,
    ) -> Result<Upstream, Refusal> {
        match &self.0 {
            Backend::File(list) => list.find(id).await,
            Backend::Http(api) => api.find(id, plan, action).await,
        }
    }

    /// Proxies that match, best first and at most `limit`: in the list's order, or as the API answered. Never empty.
    pub(crate) async fn pick(
        &self,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Upstream>, Refusal> {
        match &self.0 {
            Backend::File(list) => list.pick(filter, limit).await,
            Backend::Http(api) => api.pick(filter, limit).await,
        }
    }

    /// The URL, to tell providers apart.
    pub(crate) fn source(&self) -> Arc<str> {
        match &self.0 {
            Backend::File(list) => list.source(),
            Backend::Http(api) => api.source(),
        }
    }

    /// Whether it is a list of the user's own, and not a server.
    pub(crate) const fn is_file(&self) -> bool {
        matches!(self.0, Backend::File(_))
    }

    /// The list's entries of those ids; the others are missing in the result. An API has no list.
    pub(crate) async fn entries(
        &self,
        ids: HashSet<String>,
    ) -> Result<HashMap<String, Result<Upstream, Detail>>, Detail> {
        match &self.0 {
            Backend::File(list) => list.entries(ids).await,
            Backend::Http(_) => Err(Detail::ProviderUnreadable),
        }
    }

    /// Resolves at each look at the list, about once a second: true if it has changed since the last look, or since
    /// this provider was made. With an API it never resolves. May be dropped at any time without missing an edit.
    pub(crate) async fn looked(&mut self) -> bool {
        match &mut self.0 {
            Backend::File(list) => list.looked().await,
            Backend::Http(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_accepted_or_rejected_by_its_scheme() {
        let account = Arc::new(Account::default());
        let code = |url: &str| {
            let made = Provider::new(url, Arc::clone(&account));
            made.map(|provider| provider.url().to_owned())
                .map_err(|error| error.code())
        };
        for url in [
            // Absolute on every system.
            "file:///C:/tmp/a.json",
            "http://127.0.0.1:8080",
            "HTTPS://api.example/sdk/v1/?api-key=k",
        ] {
            assert_eq!(code(url), Ok(url.to_owned()));
        }
        for url in ["ftp://a/b", "", "api.example/sdk"] {
            assert_eq!(code(url), Err("ERR_PROVIDER_SCHEME"), "{url:?}");
        }
        for url in [
            "http://",
            "http:api.example",
            "http://user:secret@api.example/",
            "https://api.example/#part",
            "https://api example/",
            "file://host/x",
        ] {
            assert_eq!(code(url), Err("ERR_PROVIDER_URL"), "{url:?}");
        }
        let error = Provider::new("ftp-secret-key-1234567890abcdef", account).unwrap_err();
        assert!(!error.to_string().contains("abcdef"), "{error}");
    }
}
