//! The provider that is an HTTP API: `GET {base}/proxies/{id}` and `GET {base}/proxies?country=…&limit=…`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::time::Instant;

use super::account::{self, Account};
use super::client::Client;
use super::filter::Filter;
use super::{answer, entries};
use crate::model::{Detail, ForwardError, Refusal};
use crate::upstream::Upstream;

/// How long a request waits for another key after a 401. Twenty seconds, as published.
const NEW_KEY: Duration = Duration::from_secs(20);

/// The longest pause that an API may ask for. Twenty seconds: as long as the wait for a key.
const MAX_PAUSE: Duration = Duration::from_secs(20);

/// All characters but those that never have a special meaning.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An API of upstreams.
#[derive(Clone)]
pub(super) struct Api {
    url: Arc<str>,
    base: Arc<Base>,
    account: Arc<Account>,
    client: Client,
    patience: Duration,
}

/// The base of the request URLs.
struct Base {
    /// Scheme, host, port and path, without a slash at the end.
    start: String,
    query: Option<String>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The query may hold a key.
        f.debug_tuple("Api").field(&self.base.start).finish()
    }
}

impl Api {
    /// The API behind an `http://` or `https://` URL.
    pub(super) fn new(url: &str, account: Arc<Account>) -> Result<Self, ForwardError> {
        let parsed = url.parse::<Uri>().ok().filter(|_| !url.contains('#'));
        let uri = parsed.ok_or(ForwardError::ProviderUrl)?;
        let (scheme, authority) = uri
            .scheme_str()
            .zip(uri.authority())
            // A password in the URL would be shown with it; keys have calls of their own.
            .filter(|(_, authority)| !authority.as_str().contains('@'))
            .ok_or(ForwardError::ProviderUrl)?;
        // Plain HTTP has no certificate to check.
        let roots = if scheme == "https" {
            loopwire_trust::roots
        } else {
            rustls::RootCertStore::empty
        };
        let path = uri.path().trim_end_matches('/');
        Ok(Self {
            url: url.into(),
            base: Arc::new(Base {
                start: format!("{scheme}://{authority}{path}"),
                query: uri.query().map(str::to_owned),
            }),
            client: Client::new(Arc::clone(&account), roots),
            account,
            patience: NEW_KEY,
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn source(&self) -> Arc<str> {
        Arc::clone(&self.url)
    }

    /// The proxy of that id.
    pub(super) async fn find(
        &self,
        id: &str,
        plan: &str,
        action: &str,
    ) -> Result<Upstream, Refusal> {
        // As a part of a path, these mean another path.
        if matches!(id, "" | "." | "..") {
            return Err(Detail::UnknownProxy.into());
        }
        let path = format!("/proxies/{}", utf8_percent_encode(id, ESCAPED));
        let wanted = [("plan", plan.to_owned()), ("action", action.to_owned())];
        let body = self.ask(&path, &wanted).await?;
        let entry = answer::content(&body)?;
        match entries::has_id(entry, id) {
            Some(true) => Ok(entries::upstream(entry)?),
            // Another proxy would be saved, renewed and counted under this one's name.
            _ => Err(Detail::ProviderUnreadable.into()),
        }
    }

    /// Proxies that match, as answered: only the API decides what matches.
    pub(super) async fn pick(
        &self,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Upstream>, Refusal> {
        let today = if filter.today { "true" } else { "" };
        let wanted = [
            ("country", filter.country.join(",")),
            ("state", filter.state.clone()),
            ("city", filter.city.clone()),
            ("zip", filter.zip.clone()),
            ("isp", filter.isp.clone()),
            ("today", today.to_owned()),
            ("limit", limit.to_string()),
            ("plan", filter.plan.clone()),
            ("action", filter.action.clone()),
        ];
        let body = self.ask("/proxies", &wanted).await?;
        let content = answer::content(&body)?;
        let found = entries::list(content.get().as_bytes())?;
        Ok(entries::usable(&found, limit, |_| true)?)
    }

    /// The body of the API's answer; waits for a new key, and once for a busy API.
    async fn ask(&self, path: &str, wanted: &[(&str, String)]) -> Result<bytes::Bytes, Refusal> {
        let begun = self.account.changes();
        let mut give_up = None;
        let mut paused = false;
        loop {
            // Before the values are read, so that no change is missed.
            let mut since = self.account.changes();
            since.ends = begun.ends;
            let uri = self.uri(path, wanted)?;
            let answer = self.client.get(uri).await?;
            if answer.status.is_success() {
                return Ok(answer.body);
            }
            let again = match answer.status {
                StatusCode::UNAUTHORIZED => {
                    let until = *give_up.get_or_insert_with(|| Instant::now() + self.patience);
                    self.account
                        .log("provider: status 401, waiting for another key");
                    self.account.new_key(since, until).await
                }
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE if !paused => {
                    paused = true;
                    pause(answer::retry_after(&answer.headers)).await
                }
                _ => false,
            };
            if !again {
                return Err(answer::refusal(&answer, |message| self.reveals(message)).into());
            }
        }
    }

    /// The URL of a request: the base's own query, the account's parameters, and ours, which win.
    fn uri(&self, path: &str, wanted: &[(&str, String)]) -> Result<Uri, Detail> {
        let country = [("user_country_code", self.account.country())];
        let ours = wanted.iter().chain(&country);
        let ours = || ours.clone().filter(|(_, value)| !value.is_empty());
        let given = self.account.query();
        let given = given
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .filter(|(key, _)| !ours().any(|(name, _)| name == key));
        let pairs = given
            .chain(ours().map(|(key, value)| (*key, value)))
            .map(|(key, value)| {
                let [key, value] = [key, value].map(|text| utf8_percent_encode(text, ESCAPED));
                format!("{key}={value}")
            });
        let own = self.base.query.iter().filter(|query| !query.is_empty());
        let query: Vec<_> = own.cloned().chain(pairs).collect();
        let mut text = format!("{}{path}", self.base.start);
        if !query.is_empty() {
            text = format!("{text}?{}", query.join("&"));
        }
        text.parse().map_err(|_| {
            let length = text.len();
            self.account.log(&format!(
                "provider: the request's URL is invalid ({length} bytes)"
            ));
            Detail::Unknown
        })
    }

    /// Whether a message of the API repeats a key that was sent.
    fn reveals(&self, message: &str) -> bool {
        let own = self.base.query.as_deref().unwrap_or_default();
        self.account.is_revealed_by(message)
            || own
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .any(|(_, value)| {
                    let plain = percent_decode_str(value).decode_utf8_lossy();
                    account::holds_word_of(message, value)
                        || account::holds_word_of(message, &plain)
                })
    }
}

/// Waits as long as an API asked for, unless that is too long.
async fn pause(wanted: Option<Duration>) -> bool {
    let Some(wanted) = wanted.filter(|wanted| *wanted <= MAX_PAUSE) else {
        return false;
    };
    tokio::time::sleep(wanted).await;
    true
}

#[cfg(test)]
#[path = "http_test.rs"]
mod tests;
